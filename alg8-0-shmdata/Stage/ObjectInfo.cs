using Mono.Unix.Native;

namespace Algorithms;

/// <summary>What there is to know of one POSIX shared-memory object, open here or not.</summary>
/// <param name="Path">Where it lies: /dev/shm/NAME.</param>
/// <param name="Device">With the inode, what it is, whatever its name.</param>
/// <param name="Inode">With the device, what it is, whatever its name.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Owner">The owner's user id.</param>
/// <param name="IsRegular">Whether it is a file, and not a link, a folder or a pipe that somebody put there.</param>
public sealed record ObjectInfo(string Path, ulong Device, ulong Inode, long Size, uint Owner, bool IsRegular)
{
    /// <summary>The processes that have it open or mapped, this one left out.</summary>
    public IEnumerable<int> Users =>
        ProcFs.Others().Where(pid =>
            ProcFs.Mapped(pid, Inode) != ProcFs.Access.None || ProcFs.HasOpen(pid, Device, Inode));

    /// <summary>Everything that a message about it should say, and how to remove it by hand.</summary>
    public string Describe() =>
        $"{Path}: owner {SegmentInfo.UserName(Owner)}, {Size} bytes, "
        + $"{(string.Join("; ", Users.Select(ProcFs.Describe)) is { Length: > 0 } users ? $"in use by {users}" : "in use by nobody that /proc shows")}; "
        + $"to remove it: rm {Path}";

    /// <summary>How many bytes of it to map: beyond its end, each access would raise SIGBUS.</summary>
    /// <param name="needed">The least that is of use, in bytes.</param>
    /// <param name="most">The most that is wanted, in bytes.</param>
    /// <exception cref="ErrExit">It is shorter than needed, or something else than memory.</exception>
    public int MappableBytes(int needed, int most) =>
        !IsRegular ? throw ErrExit.Because($"{Stage.Name}: {Path} is no shared-memory object, but a folder, a pipe or a device")
        : Size >= needed ? (int)Math.Min(Size, most)
        : throw ErrExit.Because(
            $"{Stage.Name}: {Path} has {Size} bytes, {needed} are needed",
            "alg8-4-shmpthreadcon makes one of the right size, and so does: truncate -s 4100 " + Path);

    /// <summary>Whether both are the same object.</summary>
    public bool IsSame(ObjectInfo other) => (Device, Inode) == (other.Device, other.Inode);

    /// <summary>The object of a name. Null if there is none, or it may not be looked at.</summary>
    public static ObjectInfo? Named(string name) =>
        Syscall.lstat(PathOf(name), out Stat stat) == 0 ? Of(name, stat) : null;

    /// <summary>An open object.</summary>
    /// <exception cref="ErrExit">fstat(2) failed: EBADF.</exception>
    public static ObjectInfo Of(string name, ShmObject fd) =>
        Syscall.fstat(fd.Fd, out Stat stat) == 0 ? Of(name, stat) : throw new ErrExit($"{Stage.Name}: fstat()");

    private static string PathOf(string name) => $"/dev/shm/{name.TrimStart('/')}";

    private static ObjectInfo Of(string name, Stat stat) => new(
        PathOf(name),
        stat.st_dev,
        stat.st_ino,
        stat.st_size,
        stat.st_uid,
        (stat.st_mode & FilePermissions.S_IFMT) == FilePermissions.S_IFREG);
}
