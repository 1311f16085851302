using System.Globalization;
using System.Runtime.InteropServices;
using Algorithms.Linux;
using Algorithms.Session;
using Mono.Unix.Native;
using static Algorithms.MessagePassing;
using static Mono.Unix.Native.OpenFlags;

namespace Algorithms;

/// <summary>A System V message queue: one for both ways, which differ in the type of their messages.</summary>
internal sealed class SysvQueueChannel : Channel
{
    private const long Message = 1, Acknowledgement = 2;

    // The type of an empty message that stays in the queue, and tells `clean` that it is a bench's: "alg8msgq".
    private const long Mark = 0x616c67386d736771;

    private readonly int _msqid;
    private readonly byte[] _msgbuf; // struct msgbuf: the type, and the text behind it
    private readonly IDisposable _removal;

    /// <summary>The sender makes the queue, the receiver is told its id.</summary>
    public SysvQueueChannel(string? address, int messageSize)
    {
        const int Mode = 0b110_000_000;

        _msgbuf = new byte[sizeof(long) + messageSize];
        _msqid = address is null
            ? (int)Check(Timed(() => msgget(LibC.IPC_PRIVATE, LibC.IPC_CREAT | Mode)), "msgget()")
            : int.Parse(address, CultureInfo.InvariantCulture);
        _removal = Signals.Own(() =>
        {
            if (address is null || Controller.IsGone())
                _ = msgctl(_msqid, LibC.IPC_RMID, 0);
        });
        if (address is null)
            Send([], Mark);
    }

    /// <summary>The queues of this user that a killed bench has left: marked, and those who sent and received last are gone.</summary>
    public static IEnumerable<int> Leftovers() =>
        // key msqid perms cbytes qnum lspid lrpid uid gid cuid cgid stime rtime ctime. sysvipc(7)
        from line in ProcFs.ReadLines("/proc/sysvipc/msg").Skip(1)
        let f = line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(field => long.Parse(field, CultureInfo.InvariantCulture)).ToArray()
        where f[7] == Syscall.geteuid() && f[4] > 0 && !ProcFs.IsAliveSince((int)f[5], f[11]) && !(f[6] != 0 && ProcFs.IsAliveSince((int)f[6], f[12]))
        where IsMarked((int)f[1])
        select (int)f[1];

    /// <inheritdoc/>
    public override string Address => $"{_msqid}";

    /// <inheritdoc/>
    public override void Send(ReadOnlySpan<byte> message) => Send(message, Message);

    /// <inheritdoc/>
    public override void Receive(Span<byte> message)
    {
        Check(msgrcv(_msqid, _msgbuf, Message), "msgrcv()");
        _msgbuf.AsSpan(sizeof(long), message.Length).CopyTo(message);
    }

    /// <inheritdoc/>
    public override void Acknowledge() => Send([1], Acknowledgement);

    /// <inheritdoc/>
    public override void AwaitAcknowledgement() => Check(msgrcv(_msqid, _msgbuf, Acknowledgement), "msgrcv()");

    /// <inheritdoc/>
    public override void Dispose() => _removal.Dispose();

    // The mark is taken out, and put back.
    private static bool IsMarked(int msqid)
    {
        byte[] mark = new byte[sizeof(long)];
        if (msgrcv(msqid, mark, Mark, IPC_NOWAIT) == -1)
            return false;
        MemoryMarshal.Write(mark, Mark);
        _ = msgsnd(msqid, mark);
        return true;
    }

    private void Send(ReadOnlySpan<byte> text, long type)
    {
        MemoryMarshal.Write(_msgbuf, type);
        text.CopyTo(_msgbuf.AsSpan(sizeof(long)));
        Check(msgsnd(_msqid, _msgbuf.AsSpan(0, sizeof(long) + text.Length)), "msgsnd()");
    }
}

/// <summary>
/// Two POSIX message queues, one for each way. Their descriptors are inherited by the receiver, and their names taken away
/// at once: nothing can stay behind.
/// </summary>
internal sealed class PosixQueueChannel : Channel
{
    private readonly byte[] _one = new byte[1];
    private readonly int _messages, _acknowledgements;

    /// <summary>The sender makes the queues, the receiver is told its descriptors.</summary>
    public PosixQueueChannel(string? address, int messageSize)
    {
        if (address is not null)
        {
            int[] queues = [.. address.Split(',').Select(queue => int.Parse(queue, CultureInfo.InvariantCulture))];
            (_messages, _acknowledgements) = (queues[0], queues[1]);
            return;
        }

        string name = $"/alg8-ipc-{Environment.ProcessId}";
        _messages = Make(name, messageSize);
        _acknowledgements = Make(name, 1);
    }

    /// <inheritdoc/>
    public override string Address => $"{_messages},{_acknowledgements}";

    /// <inheritdoc/>
    public override void Send(ReadOnlySpan<byte> message) => Check(mq_send(_messages, message), "mq_send()");

    /// <inheritdoc/>
    public override void Receive(Span<byte> message) => Check(mq_receive(_messages, message), "mq_receive()");

    /// <inheritdoc/>
    public override void Acknowledge() => Check(mq_send(_acknowledgements, _one), "mq_send()");

    /// <inheritdoc/>
    public override void AwaitAcknowledgement() => Check(mq_receive(_acknowledgements, _one), "mq_receive()");

    /// <inheritdoc/>
    public override void Dispose()
    {
        _ = mq_close(_messages);
        _ = mq_close(_acknowledgements);
    }

    private int Make(string name, int size)
    {
        int queue = (int)Check(Timed(() => mq_open(name, O_RDWR | O_CREAT | O_EXCL, size)), "mq_open()");
        Check(Timed(() => mq_unlink(name)), "mq_unlink()");
        Check(Timed(() => Syscall.fcntl(queue, FcntlCommand.F_SETFD, 0)), "fcntl()"); // mq_open sets FD_CLOEXEC
        return queue;
    }
}
