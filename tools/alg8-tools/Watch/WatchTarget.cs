using System.Globalization;
using System.Runtime.InteropServices;
using Algorithms.Linux;
using Algorithms.Options;
using Algorithms.Session;
using Mono.Unix.Native;
using static Algorithms.LibC;

namespace Algorithms;

/// <summary>
/// Which segment or object an argument means: as a key, as a shmid, as a name in /dev/shm, as a file for ftok, the first of
/// these, in this order, that there is. 0x27 can only be a key, /dev/shm/name only an object, ./name only a file.
/// </summary>
internal static class WatchTarget
{
    private const string Objects = "/dev/shm/";

    /// <summary>Begin to watch what the argument means.</summary>
    /// <param name="argument">KEY, SHMID, NAME or PATHNAME.</param>
    /// <param name="projId">ftok's project id, for a PATHNAME.</param>
    /// <exception cref="ErrExit">It means nothing that there is, or what may not be read.</exception>
    public static Watched Open(string argument, int projId)
    {
        List<string> tried = [];
        SegmentInfo? segment = OfKey(argument, tried) ?? OfShmid(argument, tried);
        if (segment is null && OfName(argument, tried) is { } name)
            return new WatchedObject(name);
        segment ??= OfPath(argument, projId, tried);
        return segment is not null
            ? new WatchedSegment(segment)
            : throw ErrExit.Because(
                $"{ErrExit.Program}: nothing to watch is called '{VisibleText.Of(argument)}'",
                $"{string.Join("\n", tried)}\n{Suite.Call("alg8-tools watch")} without an argument lists the suite's segments and objects");
    }

    private static SegmentInfo? OfKey(string argument, List<string> tried) =>
        CommandLine.TryParseKey(argument, out int key) && key != IPC_PRIVATE
            ? Tried(SegmentInfo.WithKey(key), tried, $"as a key: no segment has the key 0x{key:x8}")
            : null;

    private static SegmentInfo? OfShmid(string argument, List<string> tried) =>
        int.TryParse(argument, NumberStyles.None, CultureInfo.InvariantCulture, out int shmid)
            ? Tried(SegmentInfo.List().FirstOrDefault(segment => segment.Shmid == shmid), tried, $"as a shmid: there is no segment {shmid}")
            : null;

    private static string? OfName(string argument, List<string> tried)
    {
        string name = argument.StartsWith(Objects, StringComparison.Ordinal) ? argument[Objects.Length..] : argument;
        if (name.TrimStart('/') is "" or "." or ".." || name[1..].Contains('/'))
            return null;
        string path = $"{Objects}{name.TrimStart('/')}";
        return Tried(
            Syscall.lstat(path, out Stat _) == 0 ? name : null, tried, $"as a name: there is no {VisibleText.Of(path)}");
    }

    private static SegmentInfo? OfPath(string argument, int projId, List<string> tried)
    {
        int key = Calls.ftok(argument, projId);
        Errno errno = (Errno)Marshal.GetLastPInvokeError(); // before a text is formatted
        return key == -1
            ? Tried((SegmentInfo?)null, tried, $"as a file: {Syscall.strerror(errno)}")
            : Tried(SegmentInfo.WithKey(key), tried, $"as a file: no segment has its key, 0x{key:x8} (of project id 0x{projId:x}; --proj-id gives another)");
    }

    private static T? Tried<T>(T? found, List<string> tried, string otherwise)
        where T : class
    {
        if (found is null)
            tried.Add(otherwise);
        return found;
    }
}
