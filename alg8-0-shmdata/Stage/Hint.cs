using Mono.Unix.Native;

namespace Algorithms;

/// <summary>Second lines of errors: why, and what to do.</summary>
public static class Hint
{
    /// <summary>
    /// An error of shmget, explained: by the segment that has the key, or else by the limit that was reached, with its
    /// present value. shmget(2)
    /// </summary>
    /// <param name="error">The error.</param>
    /// <param name="key">The key that was asked for.</param>
    /// <param name="size">The size that was asked for, in bytes.</param>
    public static ErrExit Shmget(ErrExit error, int key, nint size) =>
        error.With(SegmentInfo.WithKey(key)?.Describe() ?? OfErrno(error.Errno, size));

    /// <summary>An error of shm_open on an object that should be there, explained. shm_open(3)</summary>
    /// <param name="error">The error.</param>
    /// <param name="name">The object's name.</param>
    public static ErrExit ShmOpen(ErrExit error, string name) =>
        error.With(ObjectInfo.Named(name)?.Describe() ?? $"{CommandLine.Call("alg8-4-shmpthreadcon")} makes one; ls /dev/shm shows those that there are");

    private static string? OfErrno(Errno errno, nint size) => errno switch
    {
        Errno.EINVAL => $"{size} bytes are more than one segment may have: {Limit("shmmax", "bytes")}",
        Errno.ENOMEM => $"there is no memory left for {size} bytes, or all segments together have reached a limit: {Limit("shmall", "pages")}",
        Errno.ENOSPC => $"all {SegmentInfo.List().Count()} segments together have reached a limit: {Limit("shmmni", "segments")}; "
            + $"{Limit("shmall", "pages")}; ipcs -m shows those that nobody uses",
        Errno.ENOSYS => "this kernel, or the container or sandbox around this program, has no System V shared memory (WSL 1 has none)",
        _ => null,
    };

    private static string Limit(string name, string unit)
    {
        string path = $"/proc/sys/kernel/{name}";
        return ProcFs.ReadLines(path) is [var value, ..] ? $"{name} = {value} {unit} ({path})" : name;
    }
}
