using Algorithms.Linux;
using Algorithms.Session;
using static Algorithms.LibC;

namespace Algorithms;

/// <summary>A System V segment, attached with SHM_RDONLY.</summary>
internal sealed class WatchedSegment : Watched
{
    private const int ScanMilliseconds = 1000;

    private readonly SegmentInfo _before;
    private readonly Segment _shmptr;
    private readonly ProcessNames _names = new();
    private SegmentInfo _now;
    private List<(int Pid, ProcFs.Access Access)> _users = [];
    private long _nextScan;

    /// <summary>Attach a segment.</summary>
    /// <exception cref="ErrExit">It may not be read, or has gone.</exception>
    public WatchedSegment(SegmentInfo segment)
    {
        Watcher.AnnounceSegment(segment.Shmid);
        _shmptr = Segment.Attach(segment.Shmid, 0, SHM_RDONLY);
        if (_shmptr.IsInvalid)
            throw new ErrExit($"{ErrExit.Program}: shmat()").With(Hints.Describe(segment));
        (_before, _now) = (segment, segment);
    }

    /// <inheritdoc/>
    public override string Title => $"segment {_now.Shmid}, key 0x{_before.Key:x8}";

    /// <inheritdoc/>
    public override long Size => _now.Size;

    /// <inheritdoc/>
    public override IEnumerable<(string Label, string Value)> Facts
    {
        get
        {
            // Where this watch was the last to attach: what was there before it came.
            SegmentInfo last = _now.LastUser == Environment.ProcessId ? _before : _now;
            long lastMoment = Math.Max(last.LastAttach, last.LastDetach);
            return
            [
                ("owner", VisibleText.Of(_now.OwnerName())),
                ("mode", Convert.ToString(_now.Mode & 0x1ff, 8).PadLeft(4, '0')),
                ("size", $"{_now.Size}"),
                ("nattch", $"{_now.Attached} with this watch"),
                ("creator", _names.Describe(_now.Creator, _now.HasCreator())),
                ("last user", last.LastUser == 0 ? "nobody" : _names.Describe(last.LastUser, ProcFs.IsAliveSince(last.LastUser, lastMoment))),
                ("used by", Users()),
                ("attached", Clock(last.LastAttach)),
                ("detached", Clock(last.LastDetach)),
                ("changed", Clock(_now.Changed)),
            ];
        }
    }

    /// <inheritdoc/>
    public override string? Refresh()
    {
        if (SegmentInfo.Of(_now.Shmid) is not { IsRemoved: false } now)
            return $"{Title} was removed";

        if (Environment.TickCount64 >= _nextScan || now != _now)
        {
            _users = [.. ProcFs.Others().Select(pid => (pid, ProcFs.Attachment(pid, now.Shmid))).Where(user => user.Item2 != ProcFs.Access.None)];
            _nextScan = Environment.TickCount64 + ScanMilliseconds;
        }

        _now = now;
        return null;
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> room, long offset)
    {
        ReadOnlySpan<byte> bytes = _shmptr.Bytes;
        if (offset >= bytes.Length)
            return 0;
        bytes = bytes[(int)offset..];
        bytes = bytes[..Math.Min(bytes.Length, room.Length)];
        bytes.CopyTo(room);
        return bytes.Length;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _shmptr.Dispose();
        Watcher.AnnounceNothing();
    }

    private string Users()
    {
        IEnumerable<string> users = _users.Select(user =>
            $"{_names.Describe(user.Pid)}{(user.Access == ProcFs.Access.Read ? " (reads only)" : "")}");
        long unseen = _now.Attached - 1 - _users.Count;
        if (unseen > 0)
            users = users.Append($"{unseen} more");
        return string.Join(", ", users) is { Length: > 0 } text ? text : "nobody";
    }
}
