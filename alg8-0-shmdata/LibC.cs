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

    internal const int SEEK_CUR = 1;

    // off_t lseek(int fd, off_t offset, int whence);                Mono.Posix's takes no negative offset
    [LibraryImport(libc, SetLastError = true)]
    internal static partial nint lseek(int fd, nint offset, int whence);

    // ---- The terminal: termios.h ----

    internal const int ICANON = 2, ECHO = 8, TCSADRAIN = 1;

    // int tcgetattr(int fd, struct termios *termios_p);
    [LibraryImport(libc, SetLastError = true)]
    internal static partial int tcgetattr(int fd, out Termios termios_p);

    // int tcsetattr(int fd, int optional_actions, const struct termios *termios_p);
    [LibraryImport(libc, SetLastError = true)]
    internal static partial int tcsetattr(int fd, int optional_actions, in Termios termios_p);

    // ---- Child processes and their signals: spawn.h, signal.h, sys/file.h ----

    internal const int SIG_SETMASK = 2, POSIX_SPAWN_SETSIGDEF = 4, POSIX_SPAWN_SETSIGMASK = 8;
    internal const nint SIG_DFL = 0, SIG_IGN = 1;

    // int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *file_actions,
    //                 const posix_spawnattr_t *attrp, char *const argv[], char *const envp[]);
    /// <summary>vfork and execve in one: no signal is lost or caught twice in between. posix_spawn(3)</summary>
    /// <returns>0, or the error itself: EACCES, ENOENT, ENOEXEC ...</returns>
    [LibraryImport(libc)]
    internal static partial int posix_spawn(
        out int pid, byte* path, in posix_spawn_file_actions_t file_actions, in posix_spawnattr_t attrp, byte** argv, byte** envp);

    // int posix_spawnattr_init(posix_spawnattr_t *attr);
    [LibraryImport(libc)]
    internal static partial int posix_spawnattr_init(out posix_spawnattr_t attr);

    // int posix_spawnattr_setflags(posix_spawnattr_t *attr, short flags);
    [LibraryImport(libc)]
    internal static partial int posix_spawnattr_setflags(ref posix_spawnattr_t attr, short flags);

    // int posix_spawnattr_setsigdefault(posix_spawnattr_t *attr, const sigset_t *sigdefault);
    [LibraryImport(libc)]
    internal static partial int posix_spawnattr_setsigdefault(ref posix_spawnattr_t attr, in sigset_t sigdefault);

    // int posix_spawnattr_setsigmask(posix_spawnattr_t *attr, const sigset_t *sigmask);
    [LibraryImport(libc)]
    internal static partial int posix_spawnattr_setsigmask(ref posix_spawnattr_t attr, in sigset_t sigmask);

    // int posix_spawn_file_actions_init(posix_spawn_file_actions_t *file_actions);
    [LibraryImport(libc)]
    internal static partial int posix_spawn_file_actions_init(out posix_spawn_file_actions_t file_actions);

    // int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *file_actions, int fildes, int newfildes);
    [LibraryImport(libc)]
    internal static partial int posix_spawn_file_actions_adddup2(ref posix_spawn_file_actions_t file_actions, int fildes, int newfildes);

    // int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *file_actions);
    [LibraryImport(libc)]
    internal static partial int posix_spawn_file_actions_destroy(ref posix_spawn_file_actions_t file_actions);

    // int pthread_sigmask(int how, const sigset_t *set, sigset_t *oldset);
    /// <summary>Say which signals this thread, and each that it starts from now on, keeps waiting. pthread_sigmask(3)</summary>
    [LibraryImport(libc)]
    internal static partial int pthread_sigmask(int how, in sigset_t set, out sigset_t oldset);

    // int sigaction(int signum, const struct sigaction *act, struct sigaction *oldact);
    [LibraryImport(libc, SetLastError = true)]
    internal static partial int sigaction(int signum, SigAction* act, SigAction* oldact);

    // int flock(int fd, int operation);
    /// <summary>Lock a file until its descriptor is closed, whoever owns it and however it was opened. flock(2)</summary>
    /// <returns>0, or -1: EINTR, EWOULDBLOCK.</returns>
    [LibraryImport(libc, SetLastError = true)]
    internal static partial int flock(int fd, int operation);

    internal const int LOCK_EX = 2, LOCK_NB = 4;

    /// <summary>The number of pidfd_open(2), the same on all architectures; older libcs have no wrapper.</summary>
    private const int SYS_pidfd_open = 434;

    // long syscall(SYS_pidfd_open, pid_t pid, unsigned int flags);
    [LibraryImport(libc, SetLastError = true)]
    private static partial nint syscall(nint number, nint pid, nint flags);

    /// <summary>A descriptor that becomes readable when the process ends. Since Linux 5.3. pidfd_open(2)</summary>
    /// <returns>The descriptor, which is closed on exec, or -1: EMFILE, ENOSYS, ESRCH.</returns>
    internal static int pidfd_open(int pid) => (int)syscall(SYS_pidfd_open, pid, 0);

    /// <summary>The environment as this program was started with it: raw bytes, a NULL at the end. environ(7)</summary>
    internal static byte** environ => *(byte***)NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), nameof(environ));

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

    // ---- What keeps a process and its children in: used by grade, through Confinement ----

    internal const int PR_SET_NO_NEW_PRIVS = 38, KEYCTL_JOIN_SESSION_KEYRING = 1, CLOSE_RANGE_CLOEXEC = 4;

    internal const int SECCOMP_SET_MODE_FILTER = 1, SECCOMP_FILTER_FLAG_TSYNC = 1;

    // int setfsuid(uid_t fsuid);                                    of this thread alone
    [LibraryImport(libc)]
    internal static partial int setfsuid(uint fsuid);

    // long syscall(long number, ...);
    [LibraryImport(libc, SetLastError = true)]
    internal static partial nint syscall(nint number, nuint arg1, nuint arg2, nuint arg3);

    // struct sock_fprog { unsigned short len; struct sock_filter *filter; };
    /// <summary>Let a filter decide on each system call of every thread. seccomp(2)</summary>
    /// <returns>0, or -1: EACCES (without PR_SET_NO_NEW_PRIVS), EINVAL; or the id of a thread that has another filter.</returns>
    internal static int seccomp(nint number, ReadOnlySpan<ulong> filter)
    {
        fixed (ulong* instructions = filter)
        {
            nint* program = stackalloc nint[] { filter.Length, (nint)instructions };
            return (int)syscall(number, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, (nuint)program);
        }
    }
}

/// <summary>A set of signals (128 bytes on Linux). sigsetops(3)</summary>
internal unsafe struct sigset_t
{
    private fixed ulong _bits[16];

    /// <summary>The set of these signals.</summary>
    public static sigset_t Of(params ReadOnlySpan<Mono.Unix.Native.Signum> signals)
    {
        sigset_t set = default;
        foreach (Mono.Unix.Native.Signum signal in signals)
            set._bits[0] |= 1UL << ((int)signal - 1);
        return set;
    }
}

/// <summary>What a process does with a signal (152 bytes on 64-bit Linux). sigaction(2)</summary>
internal struct SigAction
{
    public nint sa_handler;
    public sigset_t sa_mask;
    public int sa_flags;
    public nint sa_restorer;
}

/// <summary>What posix_spawn is to do with signals (336 bytes on 64-bit Linux). posix_spawn(3)</summary>
internal unsafe struct posix_spawnattr_t
{
    private fixed ulong _room[64];
}

/// <summary>What posix_spawn is to do with descriptors (80 bytes on 64-bit Linux). posix_spawn(3)</summary>
internal unsafe struct posix_spawn_file_actions_t
{
    private fixed ulong _room[32];
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
