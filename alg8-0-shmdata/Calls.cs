using Mono.Unix.Native;
using static Algorithms.LibC;

namespace Algorithms;

/// <summary>
/// The lecture's calls, as its programs make them: under C's names, in C's order of arguments. Each can be watched, as
/// strace would show it; without an observer, it is the call and nothing more. spawn and wait are those of the controllers'
/// Children. A call that no slide has, such as a removal after an error, is not one of these.
/// </summary>
public static class Calls
{
    // ---- the file and its key ----

    // int stat(const char *pathname, struct stat *statbuf);
    /// <summary>Look at a file. stat(2)</summary>
    /// <returns>0, or -1: EACCES, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR.</returns>
    public static int stat(string pathname, out Stat statbuf)
    {
        TracedCall call = TracedCall.Begin(nameof(stat), $"({Strace.Quote(pathname)}, ...)");
        return call.Returned(Syscall.stat(pathname, out statbuf), $"({Strace.Quote(pathname)}, {Strace.Struct(statbuf)})");
    }

    // int creat(const char *pathname, mode_t mode);
    /// <summary>Create a file, and open it for writing. creat(2)</summary>
    /// <returns>The descriptor, or -1: EACCES, EISDIR, ENOENT, ENOSPC, EROFS ...</returns>
    /// <remarks>
    /// creat is open with O_WRONLY|O_CREAT|O_TRUNC. Here it is without O_TRUNC: the lecture creates a file that stat has not
    /// found, and one that another process has made since then keeps what is in it.
    /// </remarks>
    public static int creat(string pathname, int mode)
    {
        TracedCall call = TracedCall.Begin(nameof(creat), $"({Strace.Quote(pathname)}, {Strace.Octal(mode)})");
        return call.Returned(Syscall.open(pathname, OpenFlags.O_WRONLY | OpenFlags.O_CREAT, (FilePermissions)mode));
    }

    /// <inheritdoc cref="LibC.ftok"/>
    public static int ftok(string pathname, int proj_id)
    {
        TracedCall call = TracedCall.Begin(nameof(ftok), $"({Strace.Quote(pathname)}, 0x{proj_id:x})");
        return call.ReturnedKey(LibC.ftok(pathname, proj_id));
    }

    // ---- System V ----

    /// <inheritdoc cref="LibC.shmget"/>
    public static int shmget(int key, nint size, int shmflg)
    {
        TracedCall call = TracedCall.Begin(nameof(shmget), $"(0x{key:x}, {size}, {Strace.ShmFlags(shmflg)})");
        return call.Returned(LibC.shmget(key, size, shmflg));
    }

    // void *shmat(int shmid, const void *shmaddr, int shmflg);
    /// <summary>Attach a segment, at an address that the kernel chooses if <paramref name="shmaddr"/> is 0. shmat(2)</summary>
    /// <returns>The segment, detached at the latest when disposed; invalid on error: EACCES, EIDRM, EINVAL, ENOMEM.</returns>
    public static Segment shmat(int shmid, nint shmaddr, int shmflg)
    {
        string flags = shmflg == SHM_RDONLY ? nameof(SHM_RDONLY) : $"{shmflg}";
        TracedCall call = TracedCall.Begin(nameof(shmat), $"({shmid}, {Strace.Pointer(shmaddr)}, {flags})");
        return call.Returned(Segment.Attach(shmid, shmaddr, shmflg));
    }

    // int shmdt(const void *shmaddr);
    /// <summary>Detach a segment; what was in it stays. shmdt(2)</summary>
    /// <returns>0, or -1: EINVAL.</returns>
    public static int shmdt(Segment shmptr)
    {
        TracedCall call = TracedCall.Begin(nameof(shmdt), $"({Strace.Pointer(shmptr.Address)})");
        return call.Returned(shmptr.Detach());
    }

    /// <inheritdoc cref="LibC.shmctl(int, int, nint)"/>
    public static int shmctl(int shmid, int cmd, nint buf)
    {
        string command = cmd == IPC_RMID ? nameof(IPC_RMID) : $"{cmd}";
        TracedCall call = TracedCall.Begin(nameof(shmctl), $"({shmid}, {command}, {Strace.Pointer(buf)})");
        return call.Returned(LibC.shmctl(shmid, cmd, buf));
    }

    // ---- POSIX ----

    // int shm_open(const char *name, int oflag, mode_t mode);
    /// <summary>Open, and with O_CREAT create, the object /dev/shm/<paramref name="name"/>. shm_open(3)</summary>
    /// <param name="name">The name, with or without one leading slash.</param>
    /// <param name="oflag">O_RDONLY or O_RDWR, and O_CREAT, O_EXCL, O_TRUNC.</param>
    /// <param name="mode">The permissions of a new object, less the umask.</param>
    /// <returns>The object; invalid on error: EACCES, EEXIST, EINVAL, EMFILE, ENAMETOOLONG, ENOENT.</returns>
    public static ShmObject shm_open(string name, OpenFlags oflag, int mode)
    {
        TracedCall call = TracedCall.Begin(
            nameof(shm_open), $"({Strace.Quote(name)}, {Strace.Flags(oflag)}, {Strace.Octal(mode)})");
        return call.Returned(ShmObject.Open(name, oflag, mode));
    }

    // int posix_fallocate(int fd, off_t offset, off_t len);
    /// <summary>Reserve memory for an object, and make it as long as that. posix_fallocate(3)</summary>
    /// <returns>0, or the error itself: ENOSPC, EFBIG ...</returns>
    /// <remarks>
    /// A signal ends it with EINTR, whatever its handler is for (SA_RESTART means nothing here): then it is tried again. One
    /// that asks this program to end does so in its own thread.
    /// </remarks>
    public static int posix_fallocate(ShmObject fd, long offset, long len)
    {
        TracedCall call = TracedCall.Begin(nameof(posix_fallocate), $"({fd.Fd}, {offset}, {len})");
        int errno;
        do
            errno = Syscall.posix_fallocate(fd.Fd, offset, (ulong)len);
        while ((Errno)errno == Errno.EINTR);
        return call.ReturnedErrno(errno);
    }

    // int ftruncate(int fd, off_t length);
    /// <summary>Set the size of an object. ftruncate(2)</summary>
    /// <returns>0, or -1: EFBIG, EINVAL ...</returns>
    public static int ftruncate(ShmObject fd, long length)
    {
        TracedCall call = TracedCall.Begin(nameof(ftruncate), $"({fd.Fd}, {length})");
        return call.Returned(Syscall.ftruncate(fd.Fd, length));
    }

    // void *mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset);
    /// <inheritdoc cref="Mapping.Map"/>
    public static Mapping mmap(nint addr, long length, MmapProts prot, MmapFlags flags, ShmObject fd, long offset)
    {
        TracedCall call = TracedCall.Begin(
            nameof(mmap), $"({Strace.Pointer(addr)}, {length}, {Strace.Flags(prot)}, {Strace.Flags(flags)}, {fd.Fd}, {offset})");
        return call.Returned(Mapping.Map(addr, length, prot, flags, fd, offset));
    }

    /// <inheritdoc cref="LibC.shm_unlink"/>
    public static int shm_unlink(string name)
    {
        TracedCall call = TracedCall.Begin(nameof(shm_unlink), $"({Strace.Quote(name)})");
        return call.Returned(LibC.shm_unlink(name));
    }

    // ---- waiting in the kernel ----

    /// <summary>Wait on a shared word, or wake the processes that do. futex(2)</summary>
    /// <param name="uaddr">The word.</param>
    /// <param name="futex_op">FUTEX_WAIT or FUTEX_WAKE.</param>
    /// <param name="val">The value to sleep through, or how many to wake.</param>
    /// <param name="milliseconds">How long to sleep at most.</param>
    /// <param name="what">What the word belongs to, where the call means something else there: <c>buffer</c>.</param>
    /// <returns>0 or the number woken, or -1: EAGAIN (the word had changed), EINTR, ETIMEDOUT.</returns>
    public static int futex(ref int uaddr, int futex_op, int val, int milliseconds = 0, string? what = null)
    {
        bool waits = futex_op == FUTEX_WAIT;
        string kind = waits ? nameof(FUTEX_WAIT) : nameof(FUTEX_WAKE);
        TracedCall call = TracedCall.Begin(
            nameof(futex), $"({Strace.Address(ref uaddr)}, {kind}, {val}{(waits ? Strace.Timeout(milliseconds) : "")})",
            what is null ? kind : $"{kind} {what}");
        return call.Returned(LibC.futex(ref uaddr, futex_op, val, milliseconds));
    }
}
