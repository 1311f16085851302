using System.Diagnostics;
using System.Runtime.CompilerServices;
using Algorithms.Linux;

namespace Algorithms.Session;

/// <summary>
/// The other process on a POSIX shared-memory object. Declare it before the object is mapped: then, at the end, it
/// looks at the object after this process has let go of it.
/// </summary>
/// <param name="role">What it is to the one that waits: <c>producer</c>.</param>
/// <param name="name">The object's name.</param>
/// <param name="fd">The object, open.</param>
/// <param name="orController">Whether the controller counts too: it ends the stream of two producers.</param>
public sealed class ObjectPeer(string role, string name, ShmObject fd, bool orController = false) : Peer(role)
{
    private const int LookMilliseconds = 1;

    private ObjectInfo _object = Opened(name, fd);
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private int _missed;

    /// <summary>Wait until the object has a size: who makes it gives it one a moment later.</summary>
    /// <param name="timeout">How long to wait at most, since this process has it open.</param>
    /// <exception cref="ErrExit">The producer or the object is gone.</exception>
    public void WaitForSize(TimeSpan timeout)
    {
        while ((_object = ObjectInfo.Of(name, fd)) is { Size: 0, IsRegular: true } && !IsOutOfTime(timeout))
            WaitForMessage(() => ObjectInfo.Of(name, fd).Size > 0);
    }

    /// <summary>Wait until the first byte of the message is there, and with it, in acquire order, the rest; and copy it.</summary>
    /// <param name="shmptr">The object's bytes.</param>
    /// <param name="copy">Room for as many.</param>
    /// <param name="timeout">How long to wait at most, since this process has the object open.</param>
    /// <returns>The message, without its NUL.</returns>
    /// <exception cref="ErrExit">No message came in time, or the producer or the object is gone.</exception>
    public ReadOnlySpan<byte> WaitForMessage(Mapping shmptr, Span<byte> copy, TimeSpan timeout)
    {
        ReadOnlySpan<byte> message;
        // Looked at through the descriptor: were the object cut while we wait, a look at the mapping would raise SIGBUS.
        while (!fd.HasMessage() || !CString.TryCopy(shmptr.Bytes, copy, out message))
        {
            if (IsOutOfTime(timeout) && !fd.HasMessage())
            {
                throw ErrExit.Because(
                    $"{ErrExit.Program}: no message in {_object.Path} within {timeout.TotalSeconds} s",
                    $"start a producer: {Suite.Call("alg8-5-shmproducer", name)}");
            }

            WaitForMessage(fd.HasMessage);
        }

        return message;
    }

    private bool IsOutOfTime(TimeSpan timeout)
    {
        bool isHolding = Observer.Current?.IsHolding() == true;
        if (isHolding)
            _watch.Restart(); // the producer may be stopped before one of its calls
        return !isHolding && _watch.Elapsed > timeout;
    }

    private void WaitForMessage(Func<bool> isThere)
    {
        try
        {
            Check(new Awaited(ref Unsafe.NullRef<int>(), 0, "its message"u8) { IsWait = true });
            Signals.Sleep(LookMilliseconds);
        }
        catch (ErrExit) when (isThere())
        {
            // It came before its producer went.
        }
    }

    // Another object may have the name by now: then the controller is that of another memory.
    private static ObjectInfo Opened(string name, ShmObject fd)
    {
        ObjectInfo opened = ObjectInfo.Of(name, fd);
        if (Controller.Memory is MemoryId.OfObject controllers && !controllers.Is(opened))
            Controller.Disown();
        return opened;
    }

    /// <inheritdoc/>
    protected override string? WhyLost() => ObjectInfo.Named(name) switch
    {
        { } now when now.IsSame(_object) && now.Size >= _object.Size => null,
        { } now when now.IsSame(_object) => $"{_object.Path} was cut to {now.Size} bytes by another process",
        _ => $"{_object.Path} was removed by another process",
    };

    /// <inheritdoc/>
    protected override string? WhyCut() => ObjectInfo.Of(name, fd).Size < _object.Size ? WhyLost() : null;

    /// <inheritdoc/>
    /// <remarks>Missed twice, and nobody else has it open: the kernel knows of other users' processes too.</remarks>
    protected override bool HasLeftUnseen(bool wasAnswered, out string? who)
    {
        who = null;
        _missed = wasAnswered && Controller.Pid == 0 && fd.IsHeldByOthers() == false ? _missed + 1 : 0;
        return _missed > 1;
    }

    /// <inheritdoc/>
    protected override bool IsPeer(int pid) =>
        (orController || pid != Controller.Pid) && ProcFs.Mapped(pid, _object.Inode) == ProcFs.Access.Write && !IsOnOwnSide(pid);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // Of the object, there is nothing to do here: Stage looks after that of a controller that is gone.
    }
}
