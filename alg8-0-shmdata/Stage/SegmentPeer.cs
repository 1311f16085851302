using Mono.Unix.Native;
using static Algorithms.LibC;

namespace Algorithms;

/// <summary>
/// The other process on a System V segment. Declare it before the segment is attached: then, at the end, it looks
/// at the segment after this process has detached.
/// </summary>
/// <param name="role">What it is to the one that waits: <c>writer</c>.</param>
/// <param name="shmid">The segment.</param>
public sealed class SegmentPeer(string role, int shmid) : Peer(role)
{
    private bool _hasCome, _isThere;
    private int _lastPid;

    /// <inheritdoc/>
    protected override string? WhyLost() =>
        SegmentInfo.Of(shmid) is { } segment && (segment.Mode & SHM_DEST) == 0
            ? null
            : $"the segment (shmid {shmid}) was removed by another process";

    /// <inheritdoc/>
    protected override bool IsPeer(int pid) => ProcFs.Attachment(pid, shmid) == ProcFs.Access.Write;

    /// <inheritdoc/>
    protected override int Find()
    {
        if (SegmentInfo.Of(shmid) is not { } segment)
            return 0;

        _lastPid = segment.LastUser;
        long unseen = segment.Attached - 1;
        foreach (int pid in unseen > 0 ? ProcFs.Others() : [])
        {
            ProcFs.Access access = ProcFs.Attachment(pid, shmid);
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
        if (SegmentInfo.Of(shmid) is not { } segment)
            return;

        if (Controller.IsGone && segment.Creator == Controller.Pid)
            RemoveAfterController(segment);
        else if (Controller.Pid == 0 && segment.Creator != Syscall.getppid())
            Stdio.Notice($"hint: shmid {shmid} stays, for whoever comes next; to remove it: ipcrm -m {shmid}");
    }

    // The last one out puts the light off; whoever is still attached will.
    private void RemoveAfterController(SegmentInfo segment)
    {
        if (segment.Attached == 0 && shmctl(shmid, IPC_RMID, 0) == 0)
            Stdio.Notice($"{Stage.Name}: shmid = {shmid} removed for the controller");
    }
}
