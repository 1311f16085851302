using Algorithms.Console;
using Algorithms.Linux;
using Mono.Unix.Native;

namespace Algorithms.Session;

/// <summary>
/// The other process on a System V segment. Declare it before the segment is attached: then, at the end, it looks
/// at the segment after this process has detached.
/// </summary>
public sealed class SegmentPeer : Peer
{
    private readonly int _shmid;
    private bool _hasCome;
    private int _missed, _lastPid;

    /// <summary>The process that is to share a segment with this one.</summary>
    /// <param name="role">What it is to the one that waits: <c>writer</c>.</param>
    /// <param name="shmid">The segment.</param>
    /// <param name="sameProgram">Whether both sides are one program.</param>
    /// <exception cref="ErrExit">The controller's segment is gone.</exception>
    public SegmentPeer(string role, int shmid, bool sameProgram = false)
        : base(role, sameProgram)
    {
        _shmid = shmid;
        if (Controller.Memory is not MemoryId.OfSegment controllers || controllers.Shmid == shmid)
            return;

        // The slides' IPC_CREAT: where the controller's segment had gone, shmget has just made another.
        // (Where the variables have outlived the controller, in a tmux server, say, that is what is wanted.)
        string? gone = Controller.WhyGone();
        bool isLate = gone is null || Controller.IsConnected;
        Controller.Disown();
        if (!isLate || SegmentInfo.Of(shmid)?.Creator != Environment.ProcessId)
            return;
        _ = Segment.Remove(shmid);
        throw gone is not null ? ErrExit.Because($"{ErrExit.Program}: {gone}") : Leftover.RemovedSegment("the controller's segment");
    }

    /// <inheritdoc/>
    protected override string? WhyLost() =>
        SegmentInfo.Of(_shmid) is { IsRemoved: false }
            ? null
            : $"the segment (shmid {_shmid}) was removed by another process";

    /// <inheritdoc/>
    protected override bool IsPeer(int pid) => ProcFs.Attachment(pid, _shmid) == ProcFs.Access.Write && !IsOnOwnSide(pid);

    /// <inheritdoc/>
    protected override int Find()
    {
        if (SegmentInfo.Of(_shmid) is not { } segment)
            return 0;

        if (_missed == 0)
            _lastPid = segment.LastUser;
        long unseen = segment.Attached - 1;
        foreach (int pid in unseen > 0 ? ProcFs.Others() : [])
        {
            ProcFs.Access access = ProcFs.Attachment(pid, _shmid);
            if (access == ProcFs.Access.Write && !IsOnOwnSide(pid))
                return pid;
            if (access != ProcFs.Access.None || Watcher.Watches(pid, _shmid))
                unseen--;
        }

        // Another user's process hides its maps: then only the number of attachments tells that it came, or left.
        _hasCome |= unseen > 0;
        _missed = unseen > 0 ? 0 : _missed + 1;
        return 0;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Missed twice: between a watcher's announcement and its attachment, the number is one too low. A program in perl
    /// attaches for each access only: it was the last one to do so, and lives.
    /// </remarks>
    protected override bool HasLeftUnseen(bool wasAnswered, out string? who)
    {
        who = _lastPid == Environment.ProcessId ? null : $"pid {_lastPid}";
        return _missed > 1 && (_hasCome || (wasAnswered && Controller.Pid == 0 && !(who is not null && ProcFs.IsAlive(_lastPid))));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (SegmentInfo.Of(_shmid) is not { IsRemoved: false } segment)
            return;

        if (Controller.Pid == 0 && segment.Creator != Syscall.getppid())
            Stdio.Notice($"hint: shmid {_shmid} stays, for whoever comes next; {Hints.Removal(segment.Owner, isInUse: false, $"ipcrm -m {_shmid}")}");
    }
}
