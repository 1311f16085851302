using System.Runtime.InteropServices;
using Algorithms.Linux;
using Algorithms.Session;
using Mono.Unix.Native;
using static Mono.Unix.Native.OpenFlags;

namespace Algorithms;

/// <summary>
/// An object in /dev/shm, opened anew for each look, to read, and closed: so it is nobody's last user, and an object that is
/// cut meanwhile is only short, where a mapping would raise SIGBUS.
/// </summary>
internal sealed class WatchedObject : Watched
{
    private const int ScanMilliseconds = 1000;

    private readonly string _name;
    private readonly ProcessNames _names = new();
    private ObjectInfo _now;
    private ShmObject? _fd;
    private List<(int Pid, ProcFs.Access Access)> _users = [];
    private long _nextScan;

    /// <summary>Open an object.</summary>
    /// <exception cref="ErrExit">It may not be read, or is no shared memory, or has gone.</exception>
    public WatchedObject(string name)
    {
        _name = name;
        Watcher.AnnounceObject();
        using ShmObject fd = Open(out Errno errno);
        if (fd.IsInvalid)
            throw Hints.ShmOpen(new ErrExit($"{ErrExit.Program}: shm_open()", errno), name);
        _now = ObjectInfo.Of(name, fd);
        _ = Hints.MappableBytes(_now, needed: 0, most: 0);
    }

    /// <inheritdoc/>
    public override string Title => $"object {VisibleText.Of(_now.Path)}";

    /// <inheritdoc/>
    public override long Size => _now.Size;

    /// <inheritdoc/>
    public override IEnumerable<(string Label, string Value)> Facts =>
    [
        ("owner", VisibleText.Of(_now.OwnerName())),
        ("mode", Convert.ToString(_now.Mode, 8).PadLeft(4, '0')),
        ("size", $"{_now.Size}"),
        ("inode", $"{_now.Inode}"),
        ("used by", string.Join(", ", _users.Select(Describe)) is { Length: > 0 } users ? users : "nobody"),
        ("modified", Clock(_now.Modified)),
    ];

    /// <inheritdoc/>
    public override string? Refresh()
    {
        ObjectInfo before = _now;
        if (Reopen() is { } gone)
            return gone;
        if (Environment.TickCount64 < _nextScan && _now == before)
            return null;

        Rest(); // the search takes a while, in which a controller may want to know whether anybody uses the object
        _users = [.. _now.Users().Select(pid => (pid, ProcFs.Mapped(pid, _now.Inode)))];
        _nextScan = Environment.TickCount64 + ScanMilliseconds;
        return Reopen();
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> room, long offset) => _fd is null ? 0 : _fd.Read(room, offset);

    /// <inheritdoc/>
    public override void Rest()
    {
        _fd?.Dispose();
        _fd = null;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Rest();
        Watcher.AnnounceNothing();
    }

    // Null if it is the same object as before; else what has become of it.
    private string? Reopen()
    {
        Rest();
        _fd = Open(out Errno errno);
        if (_fd.IsInvalid)
            return errno is Errno.ENOENT ? $"{Title} was removed" : throw new ErrExit($"{ErrExit.Program}: shm_open()", errno);
        ObjectInfo now = ObjectInfo.Of(_name, _fd);
        if (!now.IsSame(_now))
            return $"{Title} was removed; another one has its name now";
        _now = now;
        return null;
    }

    // A controller that wants to know whether an object is in use has a lease on it, for a moment: ObjectInfo.IsInUse().
    private ShmObject Open(out Errno errno)
    {
        const int Tries = 20, PauseMilliseconds = 5;

        for (int tries = 1; ; tries++)
        {
            ShmObject fd = ShmObject.Open(_name, O_RDONLY, 0);
            errno = fd.IsInvalid ? (Errno)Marshal.GetLastPInvokeError() : 0;
            if (errno is not Errno.EAGAIN || tries == Tries)
                return fd;
            Signals.Sleep(PauseMilliseconds);
        }
    }

    private string Describe((int Pid, ProcFs.Access Access) user) => _names.Describe(user.Pid) + user.Access switch
    {
        ProcFs.Access.Write => "",
        ProcFs.Access.Read => " (reads only)",
        _ => " (open, not mapped)",
    };
}
