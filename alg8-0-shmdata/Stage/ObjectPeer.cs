using System.Diagnostics;

namespace Algorithms;

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

    private readonly ObjectInfo _object = Opened(name, fd);

    /// <summary>Wait until the first byte of the message is there, and with it, in acquire order, the rest.</summary>
    /// <param name="shmptr">The object's bytes.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <exception cref="ErrExit">No message came in time, or the producer or the object is gone.</exception>
    public void WaitForMessage(Mapping shmptr, TimeSpan timeout)
    {
        Stopwatch watch = Stopwatch.StartNew();
        // Looked at through the descriptor: were the object cut while we wait, a look at the mapping would raise SIGBUS.
        while (!fd.HasMessage() || Volatile.Read(ref shmptr.Bytes[0]) == 0)
        {
            Check(loss: "its message"u8);
            if (Step.IsOn)
                watch.Restart(); // the producer stands before one of its calls
            else if (watch.Elapsed > timeout)
                throw ErrExit.Because($"{ErrExit.Program}: no message in {_object.Path} within {timeout.TotalSeconds} s", $"start a producer: {CommandLine.Call("alg8-5-shmproducer", name)}");
            Stage.Sleep(LookMilliseconds);
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
    protected override bool IsPeer(int pid) =>
        (orController || pid != Controller.Pid) && ProcFs.Mapped(pid, _object.Inode) == ProcFs.Access.Write && !IsOnOwnSide(pid);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // Of the object, there is nothing to do here: Stage looks after that of a controller that is gone.
    }
}
