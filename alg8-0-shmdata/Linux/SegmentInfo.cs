using System.Globalization;
using Mono.Unix.Native;
using static Algorithms.LibC;

namespace Algorithms.Linux;

/// <summary>What there is to know of one System V segment of this machine, attached here or not.</summary>
/// <param name="Key">The key; 0 where it is private or the segment is marked to be removed.</param>
/// <param name="Shmid">The segment's id.</param>
/// <param name="Mode">The permission bits, and SHM_DEST.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Creator">The creator's process id.</param>
/// <param name="LastUser">The process id of the last attach or detach.</param>
/// <param name="Attached">How many times it is attached.</param>
/// <param name="Owner">The owner's user id.</param>
/// <param name="LastAttach">When it was last attached, in seconds since 1970; 0 for never.</param>
/// <param name="LastDetach">When it was last detached, in seconds since 1970; 0 for never.</param>
/// <param name="Changed">When it was created or last changed, in seconds since 1970.</param>
public sealed record SegmentInfo(
    int Key, int Shmid, int Mode, long Size, int Creator, int LastUser, long Attached, uint Owner, long LastAttach, long LastDetach, long Changed)
{
    /// <summary>How many bytes of it are in memory or swapped out; of <see cref="List"/> only.</summary>
    public long Resident { get; private init; }

    /// <summary>Nobody uses it and its creator is gone: a run was killed and left it behind.</summary>
    public bool IsLeftover() => !IsInUse() && !HasCreator();

    /// <summary>Whether anybody has it attached who does more than to look on.</summary>
    public bool IsInUse() => Attached > 0 && Attached > Watcher.CountOf(Shmid);

    /// <summary>Somebody has removed it: it is gone once the last process has detached.</summary>
    public bool IsRemoved => (Mode & SHM_DEST) != 0;

    /// <summary>The owner's name, or the number where there is none.</summary>
    public string OwnerName() => Users.NameOf(Owner);

    /// <summary>Whether its creator still runs. A creator 0 is a process of another pid namespace, of which nothing can be known here.</summary>
    public bool HasCreator() => Creator == 0 || ProcFs.IsAliveSince(Creator, Changed);

    /// <summary>Ask the kernel about a segment. Null if there is none with this id, or it may not be read.</summary>
    public static SegmentInfo? Of(int shmid) =>
        shmctl(shmid, IPC_STAT, out shmid_ds ds) == -1
            ? null
            : new SegmentInfo(
                ds.shm_perm.key, shmid, ds.shm_perm.mode, ds.shm_segsz, ds.shm_cpid, ds.shm_lpid, ds.shm_nattch, ds.shm_perm.uid,
                ds.shm_atime, ds.shm_dtime, ds.shm_ctime);

    /// <summary>Whether the kernel removes each segment at its last detach, without IPC_RMID. proc(5), shm_rmid_forced</summary>
    public static bool AreRemovedAtLastDetach() => ProcFs.ReadLines("/proc/sys/kernel/shm_rmid_forced") is [not "0", ..];

    /// <summary>Every segment of this machine. sysvipc(7)</summary>
    public static IEnumerable<SegmentInfo> List() =>
        // key shmid perms size cpid lpid nattch uid gid cuid cgid atime dtime ctime rss swap; perms is octal
        from line in ProcFs.ReadLines("/proc/sysvipc/shm").Skip(1)
        let f = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        select new SegmentInfo(
            int.Parse(f[0], CultureInfo.InvariantCulture),
            int.Parse(f[1], CultureInfo.InvariantCulture),
            Convert.ToInt32(f[2], 8),
            long.Parse(f[3], CultureInfo.InvariantCulture),
            int.Parse(f[4], CultureInfo.InvariantCulture),
            int.Parse(f[5], CultureInfo.InvariantCulture),
            long.Parse(f[6], CultureInfo.InvariantCulture),
            uint.Parse(f[7], CultureInfo.InvariantCulture),
            long.Parse(f[11], CultureInfo.InvariantCulture),
            long.Parse(f[12], CultureInfo.InvariantCulture),
            long.Parse(f[13], CultureInfo.InvariantCulture))
        {
            Resident = long.Parse(f[14], CultureInfo.InvariantCulture) + long.Parse(f[15], CultureInfo.InvariantCulture),
        };

    /// <summary>The segment of a key, readable by us or not. Null if the key has none.</summary>
    public static SegmentInfo? WithKey(int key) => List().FirstOrDefault(segment => segment.Key == key);
}
