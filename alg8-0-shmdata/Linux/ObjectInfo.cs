using Mono.Unix.Native;

namespace Algorithms.Linux;

/// <summary>What there is to know of one POSIX shared-memory object, open here or not.</summary>
/// <param name="Path">Where it lies: /dev/shm/NAME.</param>
/// <param name="Device">With the inode, what it is, whatever its name.</param>
/// <param name="Inode">With the device, what it is, whatever its name.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Owner">The owner's user id.</param>
/// <param name="Type">What it is: S_IFREG, or a link, a folder or a pipe that somebody put there.</param>
/// <param name="Mode">The permission bits.</param>
/// <param name="Modified">When its bytes were last written by write(2) or its size changed, in seconds since 1970.</param>
public sealed record ObjectInfo(
    string Path, ulong Device, ulong Inode, long Size, uint Owner, FilePermissions Type, int Mode, long Modified)
{
    /// <summary>The processes that have it open or mapped; this one, and those that only look on, are left out.</summary>
    public IEnumerable<int> Users() =>
        ProcFs.Others().Where(pid =>
            (ProcFs.Mapped(pid, Inode) != ProcFs.Access.None || ProcFs.HasOpen(pid, Device, Inode))
            && !Watcher.LooksAtObject(pid, Inode));

    /// <summary>The owner's name, or the number where there is none.</summary>
    public string OwnerName() => Linux.Users.NameOf(Owner);

    /// <summary>Whether it is shared memory, and nothing else.</summary>
    public bool IsRegular => Type == FilePermissions.S_IFREG;

    /// <summary>Whether both are the same object.</summary>
    public bool IsSame(ObjectInfo other) => (Device, Inode) == (other.Device, other.Inode);

    /// <summary>The object of a name. Null if there is none, or it may not be looked at.</summary>
    public static ObjectInfo? Named(string name) =>
        Syscall.lstat(PathOf(name), out Stat stat) == 0 ? Of(name, stat) : null;

    /// <summary>An open object.</summary>
    /// <exception cref="ErrExit">fstat(2) failed: EBADF.</exception>
    public static ObjectInfo Of(string name, ShmObject fd) =>
        Syscall.fstat(fd.Fd, out Stat stat) == 0 ? Of(name, stat) : throw new ErrExit($"{ErrExit.Program}: fstat()");

    /// <summary>
    /// Whether any other process has it open or mapped, another user's too, of which /proc tells nothing: the kernel
    /// grants a write lease only on a file that nobody else has. F_SETLEASE, fcntl(2)
    /// </summary>
    /// <param name="fd">The object, open for writing.</param>
    public bool IsInUse(ShmObject fd)
    {
        // A Watcher has it open too, but only for a moment; where it waits for a processor, the moment is long.
        const int PauseMilliseconds = 5, TriesBeforeSearch = 3, Tries = 200;

        for (int tries = 0; fd.IsHeldByOthers() == true; tries++)
        {
            if (tries == Tries || (tries == TriesBeforeSearch && Users().Any()))
                return true;
            Signals.Sleep(PauseMilliseconds);
        }

        return false;
    }

    /// <summary>Where an object lies that may be there or not: /dev/shm/NAME.</summary>
    public static string PathOf(string name) => $"/dev/shm/{name.TrimStart('/')}";

    private static ObjectInfo Of(string name, Stat stat) => new(
        PathOf(name),
        stat.st_dev,
        stat.st_ino,
        stat.st_size,
        stat.st_uid,
        stat.st_mode & FilePermissions.S_IFMT,
        (int)(stat.st_mode & FilePermissions.ALLPERMS),
        stat.st_mtime);
}
