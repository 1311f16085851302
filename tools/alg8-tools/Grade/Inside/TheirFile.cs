using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;

namespace Algorithms;

/// <summary>
/// Files that lie where a submission can write: what has their name may be a link, a device, a pipe in which nobody writes, or
/// larger than the memory. Only a regular file is read, through no link, and only so much of it.
/// </summary>
internal static class TheirFile
{
    /// <summary>The largest source that is read.</summary>
    public const int MostSource = 4 << 20;

    /// <summary>Whether there is a regular file of this name.</summary>
    public static bool Exists(string path) => Syscall.lstat(path, out Stat stat) == 0 && IsRegular(stat);

    /// <summary>The size of a regular file; 0 where there is none.</summary>
    public static long Size(string path) => Syscall.lstat(path, out Stat stat) == 0 && IsRegular(stat) ? stat.st_size : 0;

    /// <summary>The first bytes of a regular file; none where there is no such file, or it may not be read.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="most">How many bytes at most.</param>
    public static byte[] Read(string path, int most)
    {
        // O_NONBLOCK: to open a pipe would wait for its other end.
        int fd = Syscall.open(path, OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW | OpenFlags.O_NONBLOCK | OpenFlags.O_CLOEXEC);
        if (fd == -1)
            return [];
        using SafeFileHandle handle = new(fd, ownsHandle: true);
        if (Syscall.fstat(fd, out Stat stat) == -1 || !IsRegular(stat))
            return [];
        byte[] bytes = new byte[Math.Min(stat.st_size, most)];
        try
        {
            int length = 0;
            while (length < bytes.Length && RandomAccess.Read(handle, bytes.AsSpan(length), length) is > 0 and var read)
                length += read;
            return bytes[..length];
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>Put a file in the place of what has its name; a folder stays.</summary>
    public static void Write(string path, ReadOnlySpan<byte> bytes, FilePermissions mode)
    {
        _ = Syscall.unlink(path);
        int fd = Syscall.open(path, OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_NOFOLLOW | OpenFlags.O_CLOEXEC, mode);
        if (fd == -1)
            return;
        using SafeFileHandle handle = new(fd, ownsHandle: true);
        RandomAccess.Write(handle, bytes, 0);
        _ = Syscall.fchmod(fd, mode); // whatever the umask
    }

    private static bool IsRegular(Stat stat) => (stat.st_mode & FilePermissions.S_IFMT) == FilePermissions.S_IFREG;
}
