using System.Runtime.InteropServices;
using Mono.Unix.Native;

namespace Algorithms;

/// <summary>
/// The calls that .NET and Mono.Posix lack, under C's own names, each below its C prototype: the suite's
/// whole system-call surface on one page. All of them leave errno in <see cref="Marshal.GetLastPInvokeError"/>,
/// where <see cref="ErrExit"/> takes it from.
/// </summary>
public static unsafe partial class LibC
{
    private const string libc = "libc";

    // ---- System V shared memory: sys/ipc.h, sys/shm.h ----

    /// <summary>Ask for a key of one's own: a segment that no other process can find. ipc(5)</summary>
    public const int IPC_PRIVATE = 0;

    // C# has no octal literals: binary ones in groups of three read the same.

    /// <summary>Create the segment if the key has none. 01000, shmget(2)</summary>
    public const int IPC_CREAT = 0b001_000_000_000;

    /// <summary>With IPC_CREAT: fail with EEXIST if the key has one. 02000, shmget(2)</summary>
    public const int IPC_EXCL = 0b010_000_000_000;

    /// <summary>Remove the segment, once the last process has detached. shmctl(2)</summary>
    public const int IPC_RMID = 0;

    /// <summary>Copy the kernel's record of the segment into a <see cref="shmid_ds"/>. shmctl(2)</summary>
    public const int IPC_STAT = 2;

    /// <summary>Attach for reading only. 010000, shmat(2)</summary>
    public const int SHM_RDONLY = 0b001_000_000_000_000;

    /// <summary>In shm_perm.mode: removed, and gone with its last detach. 01000, shmctl(2)</summary>
    public const int SHM_DEST = 0b001_000_000_000;

    // key_t ftok(const char *pathname, int proj_id);
    /// <summary>Make an IPC key of a path and the low 8 bits of <paramref name="proj_id"/>. ftok(3)</summary>
    /// <returns>The key, or -1: errno of stat(2).</returns>
    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int ftok(string pathname, int proj_id);

    // int shmget(key_t key, size_t size, int shmflg);
    /// <summary>Find or create the segment of a key, <paramref name="size"/> bytes at least. shmget(2)</summary>
    /// <returns>The shmid, or -1: EACCES, EEXIST, EINVAL, ENOENT, ENOMEM, ENOSPC, ENOSYS.</returns>
    [LibraryImport(libc, SetLastError = true)]
    internal static partial int shmget(int key, nint size, int shmflg);

    // int shmctl(int shmid, int cmd, struct shmid_ds *buf);
    /// <summary>Remove a segment, or ask about it. shmctl(2)</summary>
    /// <returns>0, or -1: EACCES, EIDRM, EINVAL (no such shmid), EPERM.</returns>
    [LibraryImport(libc, SetLastError = true)]
    internal static partial int shmctl(int shmid, int cmd, shmid_ds* buf);

    /// <inheritdoc cref="shmctl(int, int, shmid_ds*)"/>
    internal static int shmctl(int shmid, int cmd, out shmid_ds buf)
    {
        fixed (shmid_ds* p = &buf)
        {
            *p = default;
            return shmctl(shmid, cmd, p);
        }
    }

    /// <inheritdoc cref="shmctl(int, int, shmid_ds*)"/>
    internal static int shmctl(int shmid, int cmd, nint buf) => shmctl(shmid, cmd, (shmid_ds*)buf);

    // void *shmat(int shmid, const void *shmaddr, int shmflg);      owned: Segment.shmat
    [LibraryImport(libc, SetLastError = true)]
    internal static partial nint shmat(int shmid, nint shmaddr, int shmflg);

    // int shmdt(const void *shmaddr);                               owned: Segment.shmdt
    [LibraryImport(libc, SetLastError = true)]
    internal static partial int shmdt(nint shmaddr);

    // ---- POSIX shared memory: sys/mman.h; the flags are those of open(2) ----

    // int shm_open(const char *name, int oflag, mode_t mode);       owned: ShmObject.shm_open
    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int shm_open(string name, int oflag, uint mode);

    // int shm_unlink(const char *name);
    /// <summary>Take the name of an object out of /dev/shm. shm_unlink(3)</summary>
    /// <returns>0, or -1: EACCES, EINVAL, ENAMETOOLONG, ENOENT, EPERM.</returns>
    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int shm_unlink(string name);

    /// <summary>Bring every page of a mapping into memory, to be read. Since Linux 5.14. madvise(2)</summary>
    public const int MADV_POPULATE_READ = 22;

    /// <summary>The same, to be written. Since Linux 5.14. madvise(2)</summary>
    public const int MADV_POPULATE_WRITE = 23;

    // int madvise(void *addr, size_t length, int advice);
    [LibraryImport(libc, SetLastError = true)]
    internal static partial int madvise(nint addr, nint length, int advice);

    // ---- Processes: sys/prctl.h ----

    internal const int PR_SET_CHILD_SUBREAPER = 36;

    // int prctl(int option, unsigned long arg2, unsigned long arg3, unsigned long arg4, unsigned long arg5);
    [LibraryImport(libc, SetLastError = true)]
    internal static partial int prctl(int option, nuint arg2, nuint arg3, nuint arg4, nuint arg5);

    // ---- The terminal: termios.h ----

    internal const int ICANON = 2, ECHO = 8, TCSADRAIN = 1;

    // int tcgetattr(int fd, struct termios *termios_p);
    [LibraryImport(libc, SetLastError = true)]
    internal static partial int tcgetattr(int fd, out Termios termios_p);

    // int tcsetattr(int fd, int optional_actions, const struct termios *termios_p);
    [LibraryImport(libc, SetLastError = true)]
    internal static partial int tcsetattr(int fd, int optional_actions, in Termios termios_p);

    // ---- Waiting in the kernel: linux/futex.h. No FUTEX_PRIVATE_FLAG: it would never wake another process. ----

    /// <summary>Sleep while the word still has the value. futex(2)</summary>
    public const int FUTEX_WAIT = 0;

    /// <summary>Wake those who sleep on the word. futex(2)</summary>
    public const int FUTEX_WAKE = 1;

    /// <summary>The number of futex(2), which has no wrapper in libc.</summary>
    public static readonly int SYS_futex = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 202 : 98;

    // long syscall(SYS_futex, uint32_t *uaddr, int futex_op, uint32_t val, const struct timespec *timeout, ...);
    [LibraryImport(libc, SetLastError = true)]
    private static partial nint syscall(nint number, int* uaddr, nint futex_op, nint val, Timespec* timeout);

    /// <summary>Wait on a shared word, or wake those who do. futex(2)</summary>
    /// <returns>0 or the number woken, or -1: EAGAIN (the word had changed), EINTR, ETIMEDOUT.</returns>
    internal static int futex(ref int uaddr, int futex_op, int val, int milliseconds = 0)
    {
        Timespec timeout = new() { tv_sec = milliseconds / 1000, tv_nsec = milliseconds % 1000 * 1_000_000 };
        fixed (int* word = &uaddr)
        {
            return (int)syscall(SYS_futex, word, futex_op, val, futex_op == FUTEX_WAIT ? &timeout : null);
        }
    }
}

/// <summary>How a terminal treats what is typed (60 bytes on Linux). tcgetattr(3)</summary>
internal unsafe struct Termios
{
    public uint c_iflag, c_oflag, c_cflag;

    /// <summary>ICANON, ECHO and others. Offset 12</summary>
    public uint c_lflag;

    private fixed byte _rest[60 - 16];
}

/// <summary>What the kernel knows of a segment (112 bytes on 64-bit Linux). shmctl(2)</summary>
public struct shmid_ds
{
    /// <summary>Owner and permissions. Offset 0</summary>
    public ipc_perm shm_perm;

    /// <summary>Size in bytes. Offset 48</summary>
    public nint shm_segsz;

    /// <summary>When last attached, in seconds since 1970; 0 for never. Offset 56</summary>
    public long shm_atime;

    /// <summary>When last detached, in seconds since 1970; 0 for never. Offset 64</summary>
    public long shm_dtime;

    /// <summary>When created or last changed, in seconds since 1970. Offset 72</summary>
    public long shm_ctime;

    /// <summary>The creator's process id. Offset 80</summary>
    public int shm_cpid;

    /// <summary>The process id of the last shmat or shmdt; a killed process detaches too. Offset 84</summary>
    public int shm_lpid;

    /// <summary>How many times it is attached now. Offset 88</summary>
    public nint shm_nattch;

    private readonly nint _unused4, _unused5;
}

/// <summary>Owner and permissions of a System V object (48 bytes on 64-bit Linux). svipc(7)</summary>
public struct ipc_perm
{
    /// <summary>The key. Offset 0</summary>
    public int key;

    /// <summary>The owner's user id. Offset 4</summary>
    public uint uid;

    /// <summary>The owner's group id. Offset 8</summary>
    public uint gid;

    /// <summary>The creator's user id. Offset 12</summary>
    public uint cuid;

    /// <summary>The creator's group id. Offset 16</summary>
    public uint cgid;

    /// <summary>The nine permission bits, and SHM_DEST. Offset 20</summary>
    public ushort mode;

    private readonly ushort _pad1;

    /// <summary>The sequence number of the slot: the reason that a shmid comes back late. Offset 24</summary>
    public ushort seq;

    private readonly ushort _pad2;
    private readonly nint _unused1, _unused2;
}
