using System.Globalization;
using Algorithms.Linux;
using Algorithms.Session;
using static Algorithms.Calls;
using static Algorithms.LibC;
using static Algorithms.ShmData;

namespace Algorithms;

/// <summary>A channel in a System V segment: the kernel helps to set it up, and at most to wait.</summary>
internal abstract class SharedChannel : Channel
{
    private readonly OtherSide _peer;

    /// <summary>The sender makes the segment, the receiver finds it by its id.</summary>
    /// <param name="address">Its id; null to make it.</param>
    /// <param name="size">Its size in bytes.</param>
    protected SharedChannel(string? address, long size)
    {
        Shmid = address is null
            ? (int)Check(Timed(() => shmget(IPC_PRIVATE, (nint)size, PERM)), "shmget()")
            : int.Parse(address, CultureInfo.InvariantCulture);
        _peer = new OtherSide(address is null ? "receiver" : "sender", Shmid);
        Memory = Timed(() => shmat(Shmid, 0, 0));
        // Removed already, it can still be attached by its id as long as it is attached here, and cannot stay behind. shmctl(2)
        if (address is null && shmctl(Shmid, IPC_RMID, 0) == -1)
            throw new ErrExit("ipc: shmctl(IPC_RMID)");
        if (Memory.IsInvalid)
            throw new ErrExit("ipc: shmat()");
        _ = Volatile.Read(ref Memory.As<byte>()); // the page is there before anybody measures
    }

    /// <inheritdoc/>
    public override string Address => $"{Shmid}";

    /// <summary>The segment's id.</summary>
    protected int Shmid { get; }

    /// <summary>The segment.</summary>
    protected Segment Memory { get; }

    /// <summary>The process on the other side.</summary>
    protected Peer Peer => _peer;

    /// <inheritdoc/>
    public override void Dispose()
    {
        Memory.Dispose();
        _peer.Dispose();
    }

    // Of a segment that is removed already: only its attachments tell anything.
    private sealed class OtherSide(string role, int shmid) : Peer(role, sameProgram: true)
    {
        protected override string? WhyLost() => null;

        protected override bool IsPeer(int pid) => ProcFs.Attachment(pid, shmid) == ProcFs.Access.Write;

        protected override void Dispose(bool disposing)
        {
            // Nothing is left to remove.
        }
    }
}
