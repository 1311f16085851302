using System.Globalization;
using Mono.Unix.Native;

namespace Algorithms.Linux;

/// <summary>
/// What /proc tells of other processes. What cannot be read (gone, or another user's) counts as not there. proc(5)
/// </summary>
public static class ProcFs
{
    /// <summary>How a process maps a memory that others share: one that only reads is a spectator.</summary>
    public enum Access
    {
        /// <summary>Not at all, or its maps may not be read.</summary>
        None,

        /// <summary>For reading only.</summary>
        Read,

        /// <summary>For reading and writing.</summary>
        Write,
    }

    /// <summary>Whether the process runs; a stopped one does, a zombie has ended.</summary>
    public static bool IsAlive(int pid) => Exists(pid) && StatOf(pid) is not { HasEnded: true };

    /// <summary>Whether the process waits for something, and does not compute.</summary>
    public static bool IsAsleep(int pid) => StatOf(pid) is { State: 'S' };

    /// <summary>When the process was started, in clock ticks since the machine was; 0 if nothing tells.</summary>
    public static long Started(int pid) => StatOf(pid)?.Started ?? 0;

    /// <summary>The pid namespace of this process, in which a process id means something; 0 if nothing tells. pid_namespaces(7)</summary>
    public static ulong PidNamespace { get; } = Syscall.stat("/proc/self/ns/pid", out Stat ns) == 0 ? ns.st_ino : 0;

    /// <summary>
    /// Whether the process that had this id at a moment still runs: one that started later only got the same id again.
    /// </summary>
    /// <param name="pid">The process id.</param>
    /// <param name="moment">Seconds since 1970.</param>
    public static bool IsAliveSince(int pid, long moment)
    {
        const int ToleranceSeconds = 2; // both times are rounded to seconds
        const int ClockTicksPerSecond = 100; // USER_HZ: the unit of /proc on all of .NET's architectures
        return IsAlive(pid) && BootTime() + (Started(pid) / ClockTicksPerSecond) <= moment + ToleranceSeconds;
    }

    /// <summary>A process as messages name it: <c>alg8-2-shmread, pid 4711</c>; only the pid once it is gone.</summary>
    public static string Describe(int pid) =>
        StatOf(pid) is { } stat ? $"{stat.Name}, pid {pid}" : $"pid {pid}";

    /// <summary>The name that a running process has given itself, or its file's: up to 15 bytes. Empty if it does not run.</summary>
    public static string NameOf(int pid) => StatOf(pid) is { HasEnded: false } stat ? stat.Name : "";

    /// <summary>How a process has a System V segment attached.</summary>
    /// <remarks>In /proc/PID/maps a segment's path is /SYSV and its key, and its inode is the shmid.</remarks>
    public static Access Attachment(int pid, int shmid) => Maps(pid, "/SYSV", $"{shmid}");

    /// <summary>How a process has an object of /dev/shm mapped.</summary>
    public static Access Mapped(int pid, ulong inode) => Maps(pid, "/dev/shm/", $"{inode}");

    /// <summary>The sum of lines of /proc/PID/FILE such as <c>VmRSS:   1234 kB</c>, in KiB; 0 where there are none.</summary>
    public static long Kilobytes(int pid, string file, params string[] fields) =>
        (from line in ReadLines($"/proc/{pid}/{file}")
         let parts = line.Split((char[])[':', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries)
         where parts.Length > 1 && fields.Contains(parts[0])
         select long.Parse(parts[1], CultureInfo.InvariantCulture))
        .Sum();

    /// <summary>Whether a process has a file open.</summary>
    public static bool HasOpen(int pid, ulong device, ulong inode) =>
        Entries($"/proc/{pid}/fd").Any(fd => Syscall.stat(fd, out Stat file) == 0 && file.st_dev == device && file.st_ino == inode);

    /// <summary>Every other process's id.</summary>
    public static IEnumerable<int> Others() =>
        Entries("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, null, out int pid) ? pid : 0)
            .Where(pid => pid != 0 && pid != Environment.ProcessId);

    /// <summary>The children of a process, theirs, and so on, as far as they still run.</summary>
    public static List<int> DescendantsOf(int pid)
    {
        ILookup<int, int> children = (
            from other in Others()
            let stat = StatOf(other)
            where stat is { HasEnded: false }
            select (stat.Parent, Pid: other)).ToLookup(pair => pair.Parent, pair => pair.Pid);
        List<int> found = [.. children[pid]];
        for (int i = 0; i < found.Count; i++)
            found.AddRange(children[found[i]]);
        return found;
    }

    // A line of maps: address, permissions, offset, device, inode, path.
    private static Access Maps(int pid, string path, string inode) =>
        (from line in ReadLines($"/proc/{pid}/maps")
         where line.Contains(path, StringComparison.Ordinal)
         let fields = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries)
         where fields.Length == 6 && fields[4] == inode && fields[5].StartsWith(path, StringComparison.Ordinal)
         select fields[1].StartsWith("rw", StringComparison.Ordinal) ? Access.Write : Access.Read)
        .DefaultIfEmpty(Access.None)
        .Max();

    // It may be another user's, or hidden in /proc: then kill fails with EPERM. kill(2)
    private static bool Exists(int pid) => pid > 0 && (Syscall.kill(pid, 0) == 0 || Stdlib.GetLastError() is not Errno.ESRCH);

    private static ProcessStat? StatOf(int pid)
    {
        // pid (name) state ppid ... starttime is the 22nd; the name may hold anything.
        string stat = string.Join('\n', ReadLines($"/proc/{pid}/stat"));
        int close = stat.LastIndexOf(')');
        if (close < 0)
            return null;

        string name = string.Concat(stat[(stat.IndexOf('(') + 1)..close].Select(c => char.IsControl(c) ? '?' : c));
        string[] fields = stat[(close + 2)..].Split(' ');
        return new ProcessStat(name, fields[0][0], int.Parse(fields[1], CultureInfo.InvariantCulture), long.Parse(fields[22 - 3], CultureInfo.InvariantCulture));
    }

    private static long BootTime() =>
        ReadLines("/proc/stat").FirstOrDefault(line => line.StartsWith("btime ", StringComparison.Ordinal)) is { } btime
            ? long.Parse(btime["btime ".Length..], CultureInfo.InvariantCulture)
            : 0;

    /// <summary>The lines of a file in /proc; none where it cannot be read.</summary>
    public static string[] ReadLines(string path) => OrNone(File.ReadAllLines, path);

    /// <summary>The bytes of a file in /proc; none where it cannot be read.</summary>
    public static byte[] ReadBytes(string path) => OrNone(File.ReadAllBytes, path);

    private static string[] Entries(string directory) => OrNone(Directory.GetFileSystemEntries, directory);

    private static T[] OrNone<T>(Func<string, T[]> read, string path)
    {
        try
        {
            return read(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private sealed record ProcessStat(string Name, char State, int Parent, long Started)
    {
        public bool HasEnded => State is 'Z' or 'X';
    }
}
