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

    /// <summary>An error of creat on the file of a key, explained. creat(2)</summary>
    /// <param name="error">The error.</param>
    /// <param name="pathname">The file.</param>
    public static ErrExit Creat(ErrExit error, string pathname)
    {
        string folder = pathname.LastIndexOf('/') is >= 0 and int slash ? pathname[..(slash + 1)] : "./";
        string why = error.Errno switch
        {
            _ when pathname.Length == 0 => "the pathname is empty",
            Errno.ENOENT when !Directory.Exists(folder) => $"there is no folder {Strace.Quote(folder)}",
            Errno.ENOENT when new FileInfo(pathname).LinkTarget is { } target => $"this is a link to {Strace.Quote(target)}, which is not there",
            Errno.ENOTDIR => $"{Strace.Quote(folder)} is no folder",
            Errno.ENAMETOOLONG => $"the pathname has {pathname.Length} characters",
            _ => $"{Strace.Quote(pathname)} is not there, and cannot be made",
        };
        return error.With($"{why}; any file will do for a key, in a folder that you may write to: /tmp/myshm");
    }

    /// <summary>An error of posix_fallocate on an object, explained. posix_fallocate(3)</summary>
    /// <param name="error">The error.</param>
    /// <param name="size">The size that was asked for, in bytes.</param>
    public static ErrExit Allocate(ErrExit error, long size) => error.With(error.Errno switch
    {
        Errno.ENOSPC or Errno.EDQUOT => $"there is no room left for {size} bytes: df /dev/shm tells how much there is",
        Errno.EFBIG => $"{size} bytes are more than a file may have here: ulimit -f tells how many",
        _ => null,
    });

    /// <summary>An error of execv on a child, explained. execve(2)</summary>
    /// <param name="error">The error.</param>
    /// <param name="file">The child's executable.</param>
    public static ErrExit Exec(ErrExit error, string file) => error.With(error.Errno switch
    {
        Errno.ENOENT when File.Exists(file) => "the interpreter in its first line, or its loader, is not there",
        Errno.ENOENT when file == Children.Sibling(Path.GetFileName(file)) =>
            "the programs of the suite belong into one folder: ./run.sh build puts them there",
        Errno.EACCES when Directory.Exists(file) => "it is a folder",
        Errno.EACCES => $"it may not be executed; if it is a program, chmod +x makes it executable",
        Errno.ENOEXEC => "it is no program; the first line of a script names what runs it: #!/bin/sh",
        _ => null,
    });

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
