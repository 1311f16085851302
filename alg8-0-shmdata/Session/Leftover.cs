using Algorithms.Console;
using Algorithms.Linux;
using Mono.Unix.Native;
using static Algorithms.LibC;
using static Mono.Unix.Native.OpenFlags;

namespace Algorithms.Session;

/// <summary>
/// What a killed run left behind is taken over, with a notice; what somebody else made or uses is left untouched; what
/// this run made is removed, whatever happens. The slides take over anything, and remove it only when all goes well.
/// </summary>
public static class Leftover
{
    /// <summary>Get the segment of a key that has one already: a leftover of the suite's is replaced by a new one.</summary>
    /// <param name="key">The key.</param>
    /// <param name="size">The size wanted, in bytes.</param>
    /// <param name="shmflg">The flags with which shmget was called.</param>
    /// <param name="orElse">The error of that call: EEXIST, or another that is only explained.</param>
    /// <returns>The shmid of the new segment.</returns>
    /// <exception cref="ErrExit">Its size is another, it is in use, or it may not be touched.</exception>
    public static int TakeOverSegment(int key, nint size, int shmflg, ErrExit orElse)
    {
        if (orElse.Errno is not Errno.EEXIST || SegmentInfo.WithKey(key) is not { } found)
            throw Hints.Shmget(orElse, key, size);

        string hint = $"{Hints.Describe(found)}\n{Hints.AnotherKey(key)}";

        // The slide's call, without IPC_EXCL, would have failed as this one does: EINVAL if it is too small, EACCES.
        if (Segment.Find(key, size, shmflg & ~(IPC_EXCL | IPC_CREAT)) == -1 && Stdlib.GetLastError() is var denied and not Errno.ENOENT)
            throw orElse.With(denied, hint);
        if (found.Size != size || !found.IsLeftover())
            throw orElse.With(hint);
        if (found.Owner != Syscall.geteuid())
            throw orElse.With(Syscall.geteuid() == 0 ? Errno.EEXIST : Errno.EPERM, hint); // root may, but it is not root's leftover
        if (Calls.shmctl(found.Shmid, IPC_RMID, 0) == -1 && Stdlib.GetLastError() is Errno.EPERM)
            throw orElse.With(Errno.EPERM, hint);

        int shmid = Calls.shmget(key, size, shmflg);
        if (shmid == -1)
            throw orElse.With(hint); // another run was faster
        Stdio.Notice($"{ErrExit.Program}: took over the segment that pid {found.Creator} left behind (shmid {found.Shmid}): nobody uses it");
        return shmid;
    }

    /// <summary>Create an object whose name is taken already: a leftover of the suite's is replaced by a new one.</summary>
    /// <param name="name">The object's name.</param>
    /// <param name="size">The size wanted, in bytes.</param>
    /// <param name="mode">The permissions of the new object, less the umask.</param>
    /// <param name="orElse">The error of shm_open: EEXIST, or another that is only explained.</param>
    /// <returns>The new object, its size 0.</returns>
    /// <exception cref="ErrExit">Its size is another, it is in use, or it may not be touched.</exception>
    public static ShmObject TakeOverObject(string name, long size, int mode, ErrExit orElse)
    {
        if (orElse.Errno is not Errno.EEXIST || ObjectInfo.Named(name) is not { } found)
            throw Hints.ShmOpen(orElse, name);

        string hint = $"{Hints.Describe(found)}\nor use another FILENAME";
        if (found.Owner != Syscall.geteuid())
            throw orElse.With(Syscall.geteuid() == 0 ? Errno.EEXIST : Errno.EACCES, hint); // root may, but it is not root's leftover
        if (!found.IsRegular || (found.Size != size && found.Size != 0))
            throw orElse.With(hint);

        // Open and locked until the end: nobody else removes it meanwhile, or what has taken its name since.
        using ShmObject old = ShmObject.Open(name, O_RDWR);
        if (old.IsInvalid && Stdlib.GetLastError() is var errno)
            throw orElse.With(errno is Errno.ENOENT ? orElse.Errno : errno, hint); // ENOENT: another run is taking it over
        if (!TryLock(old) || found.IsInUse(old) || found.Users().Any() || ObjectInfo.Named(name) is not { } now || !now.IsSame(found))
            throw orElse.With(hint);

        // A new object under the old name: whoever opens the old one at this moment never sees it shrink under a mapping.
        if (Calls.shm_unlink(name) == -1)
            throw new ErrExit($"{ErrExit.Program}: shm_unlink()").With(hint);
        ShmObject fd = Calls.shm_open(name, O_CREAT | O_EXCL | O_RDWR, mode);
        if (fd.IsInvalid)
            throw new ErrExit($"{ErrExit.Program}: shm_open()"); // another run was faster
        Stdio.Notice($"{ErrExit.Program}: took over {found.Path}, which an earlier run left behind: nobody uses it");
        return fd;
    }

    /// <summary>Remove a segment at the end of the block, however it ends, if the program has not done so itself.</summary>
    public static IDisposable RemoveSegment(int shmid)
    {
        Mark.PutOnSegment(shmid); // for `clean`, should there be no end of the block
        return Signals.Own(() =>
        {
            Observer.Current?.EndProgram();
            if (SegmentInfo.Of(shmid) is { IsRemoved: false } && Calls.shmctl(shmid, IPC_RMID, 0) == 0)
                Stdio.Notice($"{ErrExit.Program}: {Reason()}shmid = {shmid} removed");
        });
    }

    /// <summary>Remove the memory of a controller that is gone, if no process uses it.</summary>
    internal static void RemoveForController(MemoryId memory)
    {
        if (memory is MemoryId.OfObject named)
            UnlinkForController(named);
        else if (memory is MemoryId.OfSegment segment)
            RemoveForController(segment.Shmid, segment.Key);
    }

    /// <summary>Unlink an object at the end of the block, however it ends, if the program has not done so itself.</summary>
    /// <param name="name">The object's name.</param>
    /// <param name="fd">The object: another one that has taken the name since then is left alone.</param>
    public static IDisposable UnlinkObject(string name, ShmObject fd)
    {
        ObjectInfo ours = ObjectInfo.Of(name, fd);
        return Signals.Own(() =>
        {
            Observer.Current?.EndProgram();
            _ = TryLock(fd);
            if (ObjectInfo.Named(name) is { } now && now.IsSame(ours) && Calls.shm_unlink(name) == 0)
                Stdio.Notice($"{ErrExit.Program}: {Reason()}{ours.Path} removed");
        });
    }

    /// <summary>Before others are to find a segment that this process has detached: make sure that it is still there.</summary>
    /// <exception cref="ErrExit">It is not: another process removed it, or the kernel, which can be set to do so.</exception>
    public static void ThrowIfRemoved(int shmid)
    {
        if (SegmentInfo.Of(shmid) is null or { IsRemoved: true })
            throw RemovedSegment($"shmid = {shmid}");
    }

    /// <summary>The error that a segment is gone which this program needs.</summary>
    /// <param name="which">What it is to this program: <c>the controller's segment</c>.</param>
    internal static ErrExit RemovedSegment(string which) => Hints.ForcedRemoval() is { } hint
        ? ErrExit.Because($"{ErrExit.Program}: {which} was removed by the kernel", hint)
        : ErrExit.Because($"{ErrExit.Program}: {which} was removed by another process");

    /// <summary>Before unlinking by name: make sure that the name is this object's, and stays so until it is closed.</summary>
    /// <exception cref="ErrExit">Another process removed the object, and may have made another of this name.</exception>
    public static void HoldName(string name, ShmObject fd)
    {
        ObjectInfo ours = ObjectInfo.Of(name, fd);
        _ = TryLock(fd);
        if (ObjectInfo.Named(name) is not { } now || !now.IsSame(ours))
            throw ErrExit.Because($"{ErrExit.Program}: {ours.Path} was removed by another process");
    }

    private static void RemoveForController(int shmid, int key)
    {
        if (SegmentInfo.Of(shmid) is { IsRemoved: false } segment && !segment.IsInUse() && segment.Key == key && Segment.Remove(shmid) == 0)
            Stdio.Notice($"{ErrExit.Program}: shmid = {shmid} removed for the controller");
    }

    private static void UnlinkForController(MemoryId.OfObject memory)
    {
        if (ObjectInfo.Named(memory.Name) is not { } named || !memory.Is(named))
            return;

        // Of several that are the last ones, each sees that the other has it open: until that one has closed it, and with
        // it the lock. So it is the very last one who sees nobody.
        using ShmObject fd = ShmObject.Open(memory.Name, O_RDONLY);
        if (!fd.IsInvalid && TryLock(fd) && ObjectInfo.Named(memory.Name) is { } now && memory.Is(now)
            && memory.Is(ObjectInfo.Of(memory.Name, fd)) && !now.Users().Any() && ShmObject.Unlink(memory.Name) == 0)
            Stdio.Notice($"{ErrExit.Program}: {now.Path} removed for the controller");
    }

    // Whoever unlinks an object by its name locks the object before the last look at it: without, another process could
    // unlink it in between and give the name to a new one, which would go in its place. The kernel takes the lock away
    // with the descriptor. One that was stopped in between is not waited for.
    private static bool TryLock(ShmObject fd)
    {
        const int PauseMilliseconds = 10, MostMilliseconds = 1000;

        for (int waited = 0; flock(fd.Fd, LOCK_EX | LOCK_NB) == -1; waited += PauseMilliseconds)
        {
            if (Stdlib.GetLastError() is not (Errno.EWOULDBLOCK or Errno.EINTR) || waited >= MostMilliseconds)
                return false;
            Thread.Sleep(PauseMilliseconds);
        }

        return true;
    }

    private static string Reason() => Signals.StoppedBy() is { } signal ? $"{signal}: " : "";
}
