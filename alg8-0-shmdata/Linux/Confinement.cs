using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Mono.Unix.Native;
using static Algorithms.LibC;

namespace Algorithms.Linux;

/// <summary>
/// What a process gives up for itself and for all that it starts, before it starts what it does not trust: its caller's
/// descriptors and keys, and the system calls that no program of the lecture needs.
/// </summary>
public static class Confinement
{
    private const uint EPERM = 1, ENOSYS = 38, EAFNOSUPPORT = 97;

    // clone(2): any namespace of its own
    private const uint CLONE_NEW = 0x7E02_0000;

    // setrlimit(2)
    private const uint RLIMIT_CORE = 4;

    // ioctl_tty(2): put a character into a terminal's input
    private const uint TIOCSTI = 0x5412;

    // socket(2). Not AF_VSOCK, which leaves a virtual machine, nor AF_ALG or AF_PACKET.
    private static readonly uint[] _families = [1 /* AF_UNIX */, 2 /* AF_INET */, 10 /* AF_INET6 */, 16 /* AF_NETLINK */];

    /// <summary>
    /// The calls that fail with EPERM: their numbers on x64 and on Arm64, 0 where there is no such call. Namespaces, mounts,
    /// keys, other processes' memory, memory that no process maps (memfd), the kernel's machinery.
    /// </summary>
    private static readonly (string Name, uint X64, uint Arm64)[] _denied =
    [
        ("unshare", 272, 97), ("setns", 308, 268), ("chroot", 161, 51), ("pivot_root", 155, 41),
        ("mount", 165, 40), ("umount2", 166, 39), ("open_tree", 428, 428), ("move_mount", 429, 429), ("fsopen", 430, 430),
        ("fsconfig", 431, 431), ("fsmount", 432, 432), ("fspick", 433, 433), ("mount_setattr", 442, 442), ("open_tree_attr", 467, 467),
        ("add_key", 248, 217), ("request_key", 249, 218), ("keyctl", 250, 219),
        ("ptrace", 101, 117), ("process_vm_readv", 310, 270), ("process_vm_writev", 311, 271), ("kcmp", 312, 272),
        ("pidfd_getfd", 438, 438), ("process_madvise", 440, 440),
        ("memfd_create", 319, 279), ("memfd_secret", 447, 447), ("userfaultfd", 323, 282),
        ("io_uring_setup", 425, 425), ("io_uring_enter", 426, 426), ("io_uring_register", 427, 427),
        ("bpf", 321, 280), ("perf_event_open", 298, 241), ("fanotify_init", 300, 262), ("lookup_dcookie", 212, 18),
        ("name_to_handle_at", 303, 264), ("open_by_handle_at", 304, 265),
        ("kexec_load", 246, 104), ("kexec_file_load", 320, 294), ("init_module", 175, 105), ("finit_module", 313, 273),
        ("delete_module", 176, 106), ("reboot", 169, 142), ("swapon", 167, 224), ("swapoff", 168, 225), ("syslog", 103, 116),
        ("acct", 163, 89), ("quotactl", 179, 60), ("quotactl_fd", 443, 443), ("settimeofday", 170, 170), ("clock_settime", 227, 112),
        ("adjtimex", 159, 171), ("clock_adjtime", 305, 266), ("iopl", 172, 0), ("ioperm", 173, 0), ("modify_ldt", 154, 0),
    ];

    private static bool IsX64 => RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>Let no process that is started from now on have a descriptor of this one's caller, its three standard streams apart.</summary>
    public static void KeepDescriptors()
    {
        const int SYS_close_range = 436, FD_CLOEXEC = 1;

        if (syscall(SYS_close_range, 3, uint.MaxValue, CLOSE_RANGE_CLOEXEC) == 0)
            return;
        foreach (string path in Directory.GetFileSystemEntries("/proc/self/fd")) // before Linux 5.11
        {
            if (int.TryParse(Path.GetFileName(path), out int fd) && fd > 2)
                _ = Syscall.fcntl(fd, FcntlCommand.F_SETFD, FD_CLOEXEC);
        }
    }

    /// <summary>Leave the caller's session keyring for an empty one. keyrings(7)</summary>
    public static void LeaveKeyring() =>
        // It fails where there are no keyrings, or where a container denies them: then there is nothing to leave.
        _ = syscall(IsX64 ? 250 : 219, KEYCTL_JOIN_SESSION_KEYRING, 0, 0);

    /// <summary>Do the calling thread's file accesses as this user: without any other's rights, root's neither. setfsuid(2)</summary>
    public static void AccessFilesAs(uint user)
    {
        // The group stays: a program that is started with another one would lose what this thread may hand down.
        _ = setfsuid(user);
        if (setfsuid(uint.MaxValue) != (int)user) // no such user: tells who it is now
            throw ErrExit.Because($"{ErrExit.Program}: files cannot be accessed as user {user}");
    }

    /// <summary>Gain no rights by executing a file, and have the system calls of <see cref="Filter"/> fail, for good. seccomp(2)</summary>
    /// <exception cref="ErrExit">The kernel has no filters, or its system calls are not known here.</exception>
    public static void DenySystemCalls()
    {
        if (RuntimeInformation.ProcessArchitecture is not (Architecture.X64 or Architecture.Arm64))
            throw ErrExit.Because($"{ErrExit.Program}: no filter of system calls for {RuntimeInformation.ProcessArchitecture}");
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
            throw new ErrExit($"{ErrExit.Program}: prctl(PR_SET_NO_NEW_PRIVS)");
        int status = seccomp(IsX64 ? 317 : 277, Filter(IsX64));
        if (status != 0)
            throw status == -1 ? new ErrExit($"{ErrExit.Program}: seccomp()") : ErrExit.Because($"{ErrExit.Program}: seccomp(): thread {status} has another filter");
    }

    /// <summary>The filter, as classic BPF.</summary>
    /// <param name="isX64">For x64; else for Arm64.</param>
    internal static ulong[] Filter(bool isX64)
    {
        // linux/bpf_common.h, linux/seccomp.h, linux/audit.h
        const ushort Load = 0x20, IfEqual = 0x15, IfAtLeast = 0x35, IfAnyBit = 0x45, Return = 0x06;
        const uint Allow = 0x7fff_0000, Errno = 0x0005_0000, X32 = 0x4000_0000;
        const uint Number = 0, Machine = 4, FirstArgument = 16; // struct seccomp_data; the lower half of each argument

        List<ulong> program = [];
        void Add(ushort code, uint k, byte ifTrue = 0, byte ifFalse = 0) =>
            program.Add(Instruction(code, ifTrue, ifFalse, k));
        void Fail(uint errno) => Add(Return, Errno | errno);
        uint Call(uint x64, uint arm64) => isX64 ? x64 : arm64;

        // Numbers of another instruction set mean other calls.
        Add(Load, Machine);
        Add(IfEqual, isX64 ? 0xC000_003E : 0xC000_00B7, ifTrue: 1);
        Fail(ENOSYS);
        Add(Load, Number);
        if (isX64)
        {
            Add(IfAtLeast, X32, ifFalse: 1);
            Fail(ENOSYS);
        }

        foreach ((_, uint x64, uint arm64) in _denied)
        {
            if (Call(x64, arm64) is 0)
                continue;
            Add(IfEqual, Call(x64, arm64), ifFalse: 1);
            Fail(EPERM);
        }

        // Its flags are in memory, where a filter cannot see them; without it, libc calls clone.
        Add(IfEqual, Call(435, 435), ifFalse: 1);
        Fail(ENOSYS);

        Add(IfEqual, Call(56, 220), ifFalse: 4); // clone
        Add(Load, FirstArgument);
        Add(IfAnyBit, CLONE_NEW, ifFalse: 1);
        Fail(EPERM);
        Add(Return, Allow);

        Add(IfEqual, Call(41, 198), ifFalse: (byte)(_families.Length + 3)); // socket
        Add(Load, FirstArgument);
        for (int i = 0; i < _families.Length; i++)
            Add(IfEqual, _families[i], ifTrue: (byte)(_families.Length - i));
        Fail(EAFNOSUPPORT);
        Add(Return, Allow);

        Add(IfEqual, Call(16, 29), ifFalse: 4); // ioctl
        Add(Load, FirstArgument + 8);
        Add(IfEqual, TIOCSTI, ifFalse: 1);
        Fail(EPERM);
        Add(Return, Allow);

        // With a limit of 0, a core would go to a program that core_pattern names: it stays at 1. core(5)
        Add(IfEqual, Call(160, 164), ifFalse: 4); // setrlimit
        Add(Load, FirstArgument);
        Add(IfEqual, RLIMIT_CORE, ifFalse: 1);
        Fail(EPERM);
        Add(Return, Allow);

        Add(IfEqual, Call(302, 261), ifFalse: 8); // prlimit64(pid, resource, new, old): new may be NULL
        Add(Load, FirstArgument + 8);
        Add(IfEqual, RLIMIT_CORE, ifFalse: 5);
        Add(Load, FirstArgument + 16);
        Add(IfEqual, 0, ifFalse: 2);
        Add(Load, FirstArgument + 20);
        Add(IfEqual, 0, ifTrue: 1);
        Fail(EPERM);
        Add(Return, Allow);

        Add(Return, Allow);
        return [.. program];
    }

    // struct sock_filter { __u16 code; __u8 jt; __u8 jf; __u32 k; };
    private static ulong Instruction(ushort code, byte ifTrue, byte ifFalse, uint k)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, code);
        (bytes[2], bytes[3]) = (ifTrue, ifFalse);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], k);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }
}
