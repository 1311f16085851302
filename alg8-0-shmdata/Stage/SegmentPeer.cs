using Mono.Unix.Native;
using static Algorithms.LibC;

namespace Algorithms;

/// <summary>
/// The other process on a System V segment. Declare it before the segment is attached: then, at the end, it looks
/// at the segment after this process has detached.
/// </summary>
public sealed class SegmentPeer : Peer
{
    private readonly int _shmid;
    private bool _hasCome, _isThere;
    private int _lastPid;

    /// <summary>The process that is to share a segment with this one.</summary>
    /// <param name="role">What it is to the one that waits: <c>writer</c>.</param>
    /// <param name="shmid">The segment.</param>
    /// <exception cref="ErrExit">The controller's segment is gone.</exception>
    public SegmentPeer(string role, int shmid)
        : base(role)
    {
        _shmid = shmid;
        if (Controller.Pid == 0 || SegmentInfo.Of(shmid)?.Creator != Environment.ProcessId)
            return;

        // The slides' IPC_CREAT: where the controller's segment had gone, shmget has just made another.
        _ = shmctl(shmid, IPC_RMID, 0);
        throw ErrExit.Because($"{Stage.Name}: the controller's segment was removed by another process");
    }

    /// <inheritdoc/>
    protected override string? WhyLost() =>
        SegmentInfo.Of(_shmid) is { } segment && (segment.Mode & SHM_DEST) == 0
            ? null
            : $"the segment (shmid {_shmid}) was removed by another process";

    /// <inheritdoc/>
    protected override bool IsPeer(int pid) => ProcFs.Attachment(pid, _shmid) == ProcFs.Access.Write;

    /// <inheritdoc/>
    protected override int Find()
    {
        if (SegmentInfo.Of(_shmid) is not { } segment)
            return 0;

        _lastPid = segment.LastUser;
        long unseen = segment.Attached - 1;
        foreach (int pid in unseen > 0 ? ProcFs.Others() : [])
        {
            ProcFs.Access access = ProcFs.Attachment(pid, _shmid);
            if (access == ProcFs.Access.Write)
                return pid;
            if (access == ProcFs.Access.Read)
                unseen--;
        }

        // Another user's process hides its maps: then only the number of attachments tells that it came, or left.
        _isThere = unseen > 0;
        _hasCome |= _isThere;
        return 0;
    }

    /// <inheritdoc/>
    protected override string? WhoLeftUnseen() => _hasCome && !_isThere ? $"pid {_lastPid}" : null;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (SegmentInfo.Of(_shmid) is not { } segment || (segment.Mode & SHM_DEST) != 0)
            return;

        if (Controller.IsGone && segment.Creator == Controller.Pid)
            RemoveAfterController(segment);
        else if (Controller.Pid == 0 && segment.Creator != Syscall.getppid())
            Stdio.Notice($"hint: shmid {_shmid} stays, for whoever comes next; to remove it: ipcrm -m {_shmid}");
    }

    // The last one out puts the light off; whoever is still attached will.
    private void RemoveAfterController(SegmentInfo segment)
    {
        if (segment.Attached == 0 && shmctl(_shmid, IPC_RMID, 0) == 0)
            Stdio.Notice($"{Stage.Name}: shmid = {_shmid} removed for the controller");
    }
}
