using Algorithms.Linux;
using Mono.Unix.Native;

namespace Algorithms.Session;

/// <summary>Second lines of errors: why, and what to do. Whoever reads one can do it: a command in it may be copied.</summary>
public static class Hints
{
    private const string Objects = "/dev/shm";

    /// <summary>
    /// An error of shmget, explained: by the segment that has the key, or else by the limit that was reached, with its
    /// present value. shmget(2)
    /// </summary>
    /// <param name="error">The error.</param>
    /// <param name="key">The key that was asked for.</param>
    /// <param name="size">The size that was asked for, in bytes.</param>
    public static ErrExit Shmget(ErrExit error, int key, nint size) => error.With((SegmentInfo.WithKey(key), error.Errno) switch
    {
        ({ } found, Errno.EACCES) => $"{Describe(found)}\nits mode keeps you out; for a segment of your own, start 8-1 with another PATHNAME",
        ({ } found, Errno.EINVAL) when found.Size < size => $"{Describe(found)}\n{size} bytes are needed",
        ({ } found, _) => Describe(found),
        (_, Errno.EACCES or Errno.EEXIST) => "a segment has this key, of which /proc tells nothing here: ipcs -m lists it",
        (_, var errno) => OfErrno(errno, size),
    });

    /// <summary>Everything that a message about a segment should say, and how to remove it manually.</summary>
    public static string Describe(SegmentInfo segment)
    {
        string creator = segment.Creator == 0 ? "in another container"
            : segment.HasCreator() ? $"{ProcFs.Describe(segment.Creator)}, still runs"
            : $"pid {segment.Creator}, is gone";
        return $"key 0x{segment.Key:x8} has shmid {segment.Shmid}: owner {segment.OwnerName()}, "
            + $"mode {Strace.Octal(segment.Mode & 0x1ff)}, {segment.Size} bytes, nattch {segment.Attached}, creator {creator}; "
            + Removal(segment);
    }

    /// <summary>Everything that a message about an object should say, and how to remove it manually.</summary>
    public static string Describe(ObjectInfo found)
    {
        string users = string.Join("; ", found.Users().Select(ProcFs.Describe));
        string kind = found.Type switch
        {
            FilePermissions.S_IFREG => "",
            FilePermissions.S_IFDIR => "a folder, ",
            FilePermissions.S_IFLNK => "a symbolic link, which shm_open does not follow, ",
            _ => "no shared memory, ",
        };
        string path = Shell.Quote(found.Path), remove = $"rm {(found.Type == FilePermissions.S_IFDIR ? "-r " : "")}{path}";
        return $"{path}: {kind}owner {found.OwnerName()}, mode {Strace.Octal(found.Mode)}, {found.Size} bytes, "
            + $"in use by {(users.Length > 0 ? users : "nobody that /proc shows")}; {Removal(found.Owner, users.Length > 0, remove)}";
    }

    /// <summary>How to remove a segment manually, for a user who may; else who may.</summary>
    public static string Removal(SegmentInfo segment) =>
        Removal(segment.Owner, segment.IsInUse() || segment.HasCreator(), $"ipcrm -m {segment.Shmid}");

    /// <summary>How this user may remove a memory manually: <c>to remove it: COMMAND</c>; or who else may.</summary>
    /// <param name="owner">The owner's user id.</param>
    /// <param name="isInUse">Whether a process needs it now.</param>
    /// <param name="command">What removes it.</param>
    internal static string Removal(uint owner, bool isInUse, string command) =>
        Syscall.geteuid() is var user && user != 0 && user != owner
            ? $"only {(owner == 0 ? "root" : $"{Users.NameOf(owner)} or root")} may remove it"
        : isInUse ? $"once nobody needs it any more, to remove it: {command}"
        : $"to remove it: {command}";

    /// <summary>How many bytes of an object to map: beyond its end, each access would raise SIGBUS.</summary>
    /// <param name="found">The object.</param>
    /// <param name="needed">The least that is of use, in bytes.</param>
    /// <param name="most">The most that is wanted, in bytes.</param>
    /// <exception cref="ErrExit">It is shorter than needed, or something else than memory.</exception>
    public static int MappableBytes(ObjectInfo found, int needed, int most) =>
        !found.IsRegular ? throw ErrExit.Because(
            $"{ErrExit.Program}: {found.Path} is no shared-memory object, but a folder, a pipe or a device")
        : found.Size >= needed ? (int)Math.Min(found.Size, most)
        : throw ErrExit.Because(
            $"{ErrExit.Program}: {found.Path} has {found.Size} bytes, {needed} are needed",
            Syscall.access(found.Path, AccessModes.W_OK) == 0
                ? $"to make it long enough: truncate -s 4100 {Shell.Quote(found.Path)}"
                : $"use another name; {Describe(found)}");

    /// <summary>Another key than one that is taken: where ftok could get it from.</summary>
    /// <param name="taken">The key that is taken.</param>
    public static string AnotherKey(int taken)
    {
        const int ProjIdShift = 24, ProjIds = 0x100;

        HashSet<int> keys = [.. SegmentInfo.List().Select(segment => segment.Key)];
        int projId = Enumerable.Range(1, ProjIds - 1).Select(more => ((taken >>> ProjIdShift) + more) % ProjIds).FirstOrDefault(id =>
            id != 0 && !keys.Contains((taken & ((1 << ProjIdShift) - 1)) | (id << ProjIdShift)));
        return $"for another key: --proj-id 0x{projId:x}, say, or another PATHNAME (two paths can have one key: "
            + "ftok takes 16 bits of the inode, 8 of the device, 8 of the project id)";
    }

    /// <summary>
    /// Why the kernel itself removes segments: a setting, under which no session outlives the controller's shmdt. Null where
    /// it is off. proc_sys_kernel(5)
    /// </summary>
    public static string? ForcedRemoval() =>
        SegmentInfo.AreRemovedAtLastDetach()
            ? "kernel.shm_rmid_forced is on: the kernel removes each segment that nobody has attached, and after the controller's "
                + "shmdt nobody has\nroot can turn it off: sysctl -w kernel.shm_rmid_forced=0"
            : null;

    /// <summary>An error of shm_open, explained. shm_open(3)</summary>
    /// <param name="error">The error.</param>
    /// <param name="name">The object's name.</param>
    public static ErrExit ShmOpen(ErrExit error, string name) => error.With((ObjectInfo.Named(name), error.Errno) switch
    {
        (_, Errno.EMFILE or Errno.ENFILE) => TooManyFiles,
        (_, Errno.EROFS) => WhyClosed(),
        ({ } found, Errno.EACCES) => $"{Describe(found)}\nyou may not {(found.Mode == 0 ? "use" : "read and write")} it: use another name, or ask its owner",
        ({ } found, _) => Describe(found),
        (_, Errno.ENOSPC or Errno.EDQUOT) => $"there is no room left for another object: df -i {Objects} tells how many there may be",
        (_, Errno.ENOENT) when WhyClosed() is null => $"{Suite.Call("alg8-4-shmpthreadcon", name)} makes one, and starts both sides on it; "
            + $"by hand: truncate -s 4100 {Shell.Quote(ObjectInfo.PathOf(name))}; ls {Objects} shows those that there are",
        (_, Errno.ENOENT) when Directory.Exists(Objects) => $"there is no such object, and none can be made: {WhyClosed()}",
        _ => WhyClosed(),
    });

    /// <summary>An error of creat on the file of a key, explained. creat(2)</summary>
    /// <param name="error">The error.</param>
    /// <param name="pathname">The file.</param>
    public static ErrExit Creat(ErrExit error, string pathname)
    {
        string folder = pathname.LastIndexOf('/') is >= 0 and int slash ? pathname[..(slash + 1)] : "./";
        string why = error.Errno switch
        {
            Errno.EMFILE or Errno.ENFILE => TooManyFiles,
            _ when pathname.Length == 0 => "the pathname is empty",
            Errno.ENOENT when !Directory.Exists(folder) => $"there is no folder {Strace.Quote(folder)}",
            Errno.ENOENT when new FileInfo(pathname).LinkTarget is { } target => $"this is a link to {Strace.Quote(target)}, which is not there",
            Errno.ENOTDIR => $"{Strace.Quote(folder)} is no folder",
            Errno.EACCES when OwnerAndMode(folder) is { } owner => $"the folder {Strace.Quote(folder)} is closed to you: {owner}",
            Errno.ENAMETOOLONG => $"the pathname has {pathname.Length} characters",
            _ => $"{Strace.Quote(pathname)} is not there, and cannot be made",
        };
        return error.With(why == TooManyFiles ? why : $"{why}; any file will do for a key, in a folder that you may write to: /tmp/myshm");
    }

    /// <summary>An error of posix_fallocate on an object, explained. posix_fallocate(3)</summary>
    /// <param name="error">The error.</param>
    /// <param name="size">The size that was asked for, in bytes.</param>
    public static ErrExit Allocate(ErrExit error, long size) => error.With(error.Errno switch
    {
        Errno.ENOSPC or Errno.EDQUOT => $"there is no room left for {size} bytes: df {Objects} tells how much there is",
        Errno.EFBIG => $"{size} bytes are more than a file may have here: ulimit -f tells how many",
        _ => null,
    });

    /// <summary>An error of execv on a child, explained. execve(2)</summary>
    /// <param name="error">The error.</param>
    /// <param name="file">The child's executable.</param>
    public static ErrExit Exec(ErrExit error, string file) => error.With(error.Errno switch
    {
        Errno.ENOENT when file.Length == 0 => "the name of the program is empty",
        Errno.ENOENT when File.Exists(file) => "the interpreter in its first line, or its loader, is not there",
        Errno.ENOENT when file == Suite.Sibling(Path.GetFileName(file)) =>
            "the programs of the suite belong into one folder: ./run.sh build puts them there",
        Errno.ENOENT when !file.StartsWith('/') => $"there is no {Strace.Quote(file)} in the current folder; as for execv, PATH does not count",
        Errno.ENOENT => "there is no such file",
        Errno.ENOTDIR => $"{Strace.Quote(file)} goes through a file that is no folder",
        Errno.EACCES when Directory.Exists(file) => "it is a folder",
        Errno.EACCES when IsExecutable(file) => "it may be executed, but not here: its file system is mounted noexec, or it names an interpreter that may not be",
        Errno.EACCES when File.Exists(file) => $"it may not be executed; if it is a program, chmod +x {Shell.Quote(file)} makes it executable",
        Errno.EACCES => "a folder above it is closed to you",
        Errno.ENOEXEC => "it is no program; the first line of a script names what runs it: #!/bin/sh",
        Errno.ETXTBSY => "somebody is writing to it",
        Errno.EAGAIN => "there are too many processes: ulimit -u tells how many you may have",
        Errno.EMFILE or Errno.ENFILE => TooManyFiles,
        _ => null,
    });

    private const string TooManyFiles = "too many files are open: ulimit -n tells how many may be";

    private static string? OfErrno(Errno errno, nint size) => errno switch
    {
        Errno.EINVAL => $"{size} bytes are more than one segment may have: {Limit("shmmax", "bytes")}",
        Errno.ENOMEM => $"there is no memory left for {size} bytes, or all segments together have reached a limit: {Limit("shmall", "pages")}",
        Errno.ENOSPC => $"all {SegmentInfo.List().Count()} segments together have reached a limit: {Limit("shmmni", "segments")}; "
            + $"{Limit("shmall", "pages")}; of those that ipcs -m lists, nobody uses the ones with nattch 0",
        Errno.ENOSYS => "this kernel, or the container or sandbox around this program, has no System V shared memory (WSL 1 has none)",
        Errno.EPERM => "the container or sandbox around this program forbids System V shared memory",
        _ => null,
    };

    private static string Limit(string name, string unit)
    {
        string path = $"/proc/sys/kernel/{name}";
        return ProcFs.ReadLines(path) is [var value, ..] ? $"{name} = {value} {unit} ({path})" : name;
    }

    // Why no object can be made or written at all. Null where one can.
    private static string? WhyClosed()
    {
        if (Syscall.access(Objects, AccessModes.W_OK | AccessModes.X_OK) == 0)
            return null;
        return Stdlib.GetLastError() switch
        {
            Errno.ENOENT => $"there is no folder {Objects}; root can make it: mkdir {Objects} && mount -t tmpfs tmpfs {Objects}",
            Errno.EROFS => $"{Objects} is mounted read-only; root can change that: mount -o remount,rw {Objects}",
            _ => $"{Objects} is closed to you: {OwnerAndMode(Objects)}; root can change that: chmod 1777 {Objects}",
        };
    }

    private static string? OwnerAndMode(string path) =>
        Syscall.stat(path, out Stat stat) == 0
            ? $"owner {Users.NameOf(stat.st_uid)}, mode {Strace.Octal((int)(stat.st_mode & FilePermissions.ALLPERMS))}"
            : null;

    private static bool IsExecutable(string file) => File.Exists(file) && Syscall.access(file, AccessModes.X_OK) == 0;
}
