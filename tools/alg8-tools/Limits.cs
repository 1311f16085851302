using System.CommandLine;
using System.Globalization;
using System.Runtime.CompilerServices;
using Algorithms.Linux;
using Algorithms.Session;
using Mono.Unix.Native;
using static Algorithms.Console.Stdio;
using static Algorithms.ShmData;

namespace Algorithms;

/// <summary>The command <c>limits</c>: the slide's ipcs -l, and what it means for shmget.</summary>
internal static class Limits
{
    public static Command Command()
    {
        Command command = new("limits", "Run ipcs -l, and explain what each shared memory line means for shmget");
        command.SetAction(_ => Print());
        return command;
    }

    private static int Print()
    {
        ulong shmmni = Kernel("shmmni"), shmmax = Kernel("shmmax"), shmall = Kernel("shmall");
        int page = Environment.SystemPageSize;
        int size = TEXT_NUM * Unsafe.SizeOf<shared_struct>();
        if (Children.system("ipcs", "-l") != 0)
        {
            printf($"""

                ------ Shared Memory Limits --------
                max number of segments = {shmmni}
                max seg size (kbytes) = {shmmax / 1024}
                max total shared memory (kbytes) = {(UInt128)shmall * (uint)page / 1024}
                min seg size (bytes) = 1


                """);
        }

        List<SegmentInfo> segments = [.. SegmentInfo.List()];
        long pages = segments.Sum(segment => Pages(segment.Size, page));
        printf($"""
            ------ What the shared memory lines mean for shmget --------
            max number of segments: {shmmni} (kernel.shmmni), {segments.Count} in use
                One segment more:       ENOSPC, No space left on device
            max seg size: {shmmax} bytes (kernel.shmmax)
                A larger segment:       EINVAL, Invalid argument
            max total shared memory: {shmall} pages of {page} bytes (kernel.shmall), {pages} in use
                More pages in all:      ENOSPC, No space left on device
            min seg size: 1 byte
                A new segment of 0:     EINVAL, Invalid argument

            Two errors look alike, but are not of these limits:
                EINVAL, Invalid argument       The key has a segment already, and it is smaller.
                ENOMEM, Cannot allocate memory The kernel has no memory for the segment.

            A segment of this suite has {size} bytes, which is {Pages(size, page)} pages.

            To change a limit until the next boot:  sudo sysctl -w kernel.shmmni=8192
            To change it for good: put kernel.shmmni=8192 into /etc/sysctl.conf, then: sudo sysctl -p
            (Where a system has only /etc/sysctl.d/, put it into a file there, then: sudo sysctl --system)

            """);
        return EXIT_SUCCESS;
    }

    private static long Pages(long size, int page) => (size + page - 1) / page;

    private static ulong Kernel(string name)
    {
        string path = $"/proc/sys/kernel/{name}";
        int fd = Syscall.open(path, OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC);
        if (fd == -1)
        {
            throw new ErrExit($"{ErrExit.Program}: open({path})").With(
                Directory.Exists("/proc/self") ? "this kernel, or the container around this program, has no System V shared memory" : "/proc is not mounted: mount -t proc proc /proc, as root");
        }

        _ = Syscall.close(fd);
        return ulong.Parse(ProcFs.ReadLines(path)[0], CultureInfo.InvariantCulture);
    }
}
