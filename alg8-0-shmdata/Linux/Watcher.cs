namespace Algorithms.Linux;

/// <summary>
/// A process that only looks on (<c>run.sh watch</c>). It says so in its name, which everybody can read, where
/// /proc/PID/maps is for its own user alone: its attachment is nobody's peer, and keeps no segment in use.
/// </summary>
public static class Watcher
{
    // At most 15 bytes, which is why there is nothing between the two: watch2147483647. proc(5), /proc/PID/comm
    private const string Name = "watch", OfObjects = Name + ":object", OfNothing = Name + ":nothing";

    /// <summary>Give this process the name of one that looks at a segment: before it attaches.</summary>
    public static void AnnounceSegment(int shmid) => Announce(NameOf(shmid));

    /// <summary>Give this process the name of one that looks at nothing any more: as soon as it has detached.</summary>
    public static void AnnounceNothing() => Announce(OfNothing);

    /// <summary>Give this process the name of one that looks at an object of /dev/shm: it opens it for each look.</summary>
    public static void AnnounceObject() => Announce(OfObjects);

    /// <summary>Whether a process only looks at this segment. One that can write to it does more, whatever its name.</summary>
    public static bool Watches(int pid, int shmid) =>
        ProcFs.NameOf(pid) == NameOf(shmid) && ProcFs.Attachment(pid, shmid) != ProcFs.Access.Write;

    /// <summary>How many others only look at this segment.</summary>
    public static int CountOf(int shmid) => ProcFs.Others().Count(pid => Watches(pid, shmid));

    /// <summary>Whether a process that has an object open only looks at objects: one that maps it does more.</summary>
    public static bool LooksAtObject(int pid, ulong inode) =>
        ProcFs.NameOf(pid) == OfObjects && ProcFs.Mapped(pid, inode) == ProcFs.Access.None;

    private static string NameOf(int shmid) => $"{Name}{shmid}";

    private static void Announce(string name)
    {
        try
        {
            File.WriteAllText("/proc/self/comm", name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A /proc that may only be read: its own user's programs still see in its maps that it cannot write.
        }
    }
}
