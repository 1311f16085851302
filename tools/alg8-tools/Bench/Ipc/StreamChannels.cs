using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Algorithms.Linux;
using Algorithms.Session;
using Mono.Unix.Native;
using static Mono.Unix.Native.OpenFlags;
using static Mono.Unix.Native.Syscall;

namespace Algorithms;

/// <summary>A channel of bytes through two descriptors, as pipes and sockets are: a message is as many bytes as agreed upon.</summary>
internal abstract class StreamChannel : Channel
{
    /// <summary>Where this side reads from.</summary>
    protected int Reading { get; set; } = -1;

    /// <summary>Where this side writes to.</summary>
    protected int Writing { get; set; } = -1;

    /// <inheritdoc/>
    public override void Send(ReadOnlySpan<byte> message)
    {
        while (!message.IsEmpty)
            message = message[(int)Check(MessagePassing.write(Writing, message), "write()")..];
    }

    /// <inheritdoc/>
    public override void Receive(Span<byte> message)
    {
        while (!message.IsEmpty)
        {
            int bytes = (int)Check(MessagePassing.read(Reading, message), "read()");
            message = bytes > 0 ? message[bytes..] : throw UnlessStopped(ErrExit.Because("ipc: the other side is gone"));
        }
    }

    /// <inheritdoc/>
    public override void Acknowledge() => Send([1]);

    /// <inheritdoc/>
    public override void AwaitAcknowledgement()
    {
        Span<byte> one = stackalloc byte[1];
        Receive(one);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _ = close(Reading);
        if (Writing != Reading)
            _ = close(Writing);
    }
}

/// <summary>Two pipes, inherited by the receiver.</summary>
internal sealed class PipeChannel : StreamChannel
{
    private readonly int _theirReading = -1, _theirWriting = -1;

    /// <summary>The sender makes the pipes, the receiver is told its descriptors.</summary>
    public PipeChannel(string? address)
    {
        if (address is not null)
        {
            int[] fds = [.. address.Split(',').Select(fd => int.Parse(fd, CultureInfo.InvariantCulture))];
            (Reading, Writing) = (fds[0], fds[1]);
            return;
        }

        int mine = -1, theirs = -1, back = -1, their = -1;
        Check(Timed(() => pipe(out theirs, out mine)), "pipe()");
        Check(Timed(() => pipe(out back, out their)), "pipe()");
        (Writing, _theirReading, Reading, _theirWriting) = (mine, theirs, back, their);
    }

    /// <inheritdoc/>
    public override string Address => $"{_theirReading},{_theirWriting}";

    /// <inheritdoc/>
    public override void Connect()
    {
        _ = close(_theirReading);
        _ = close(_theirWriting);
    }
}

/// <summary>Two named pipes in a folder of their own.</summary>
internal sealed class FifoChannel : StreamChannel
{
    private readonly IDisposable _removal;

    /// <summary>The sender makes the folder and the pipes, the receiver opens them.</summary>
    public FifoChannel(string? address)
    {
        const FilePermissions Mode = FilePermissions.S_IRUSR | FilePermissions.S_IWUSR;

        Address = address ?? TempFolder.Create("alg8-ipc-");
        _removal = Signals.Own(() =>
        {
            if (address is null || Controller.IsGone())
                TempFolder.Delete(Address);
        });
        string there = Path.Combine(Address, "there"), back = Path.Combine(Address, "back");
        if (address is null)
        {
            Check(Timed(() => mkfifo(there, Mode)), "mkfifo()");
            Check(Timed(() => mkfifo(back, Mode)), "mkfifo()");
        }

        // Opened to read and write, a FIFO does not wait for its other side. fifo(7)
        Writing = (int)Check(Timed(() => open(address is null ? there : back, O_RDWR | O_CLOEXEC)), "open()");
        Reading = (int)Check(Timed(() => open(address is null ? back : there, O_RDWR | O_CLOEXEC)), "open()");
    }

    /// <inheritdoc/>
    public override string Address { get; }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _removal.Dispose();
    }
}

/// <summary>A pair of connected Unix stream sockets, one of them inherited by the receiver.</summary>
internal sealed class UnixChannel : StreamChannel
{
    private readonly int _theirs = -1;

    /// <summary>The sender makes the pair, the receiver is told its descriptor.</summary>
    public UnixChannel(string? address)
    {
        int mine = -1, theirs = -1;
        if (address is null)
            Check(Timed(() => socketpair(UnixAddressFamily.AF_UNIX, UnixSocketType.SOCK_STREAM, 0, out mine, out theirs)), "socketpair()");
        else
            mine = int.Parse(address, CultureInfo.InvariantCulture);
        (Reading, Writing, _theirs) = (mine, mine, theirs);
    }

    /// <inheritdoc/>
    public override string Address => $"{_theirs}";

    /// <inheritdoc/>
    public override void Connect() => _ = close(_theirs);
}

/// <summary>A TCP connection over the loopback interface, which sends at once what it is given.</summary>
internal sealed class TcpChannel : StreamChannel
{
    private readonly Socket? _listening;
    private Socket? _connection;

    /// <summary>The sender listens, the receiver connects to its port.</summary>
    public TcpChannel(string? address)
    {
        if (address is null)
        {
            _listening = Timed(() =>
            {
                Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                socket.Listen(1);
                return socket;
            });
        }
        else
        {
            Use(Timed(() =>
            {
                Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Connect(IPAddress.Loopback, int.Parse(address, CultureInfo.InvariantCulture));
                return socket;
            }));
        }
    }

    /// <inheritdoc/>
    public override string Address => $"{((IPEndPoint)_listening!.LocalEndPoint!).Port}";

    /// <inheritdoc/>
    public override void Connect()
    {
        while (!_listening!.Poll(TimeSpan.FromMilliseconds(100), SelectMode.SelectRead))
            Signals.ThrowIfStopped();
        Use(Timed(_listening.Accept));
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        Reading = Writing = -1; // the socket's, which closes it itself
        base.Dispose();
        _connection?.Dispose();
        _listening?.Dispose();
    }

    private void Use(Socket connection)
    {
        connection.NoDelay = true;
        _connection = connection;
        Reading = Writing = (int)connection.Handle;
    }
}
