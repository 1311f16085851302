using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;

namespace Algorithms;

/// <summary>An open POSIX shared-memory object: the descriptor that shm_open returns, closed when disposed.</summary>
public sealed class ShmObject : SafeHandleMinusOneIsInvalid
{
    private ShmObject(int fd)
        : base(ownsHandle: true) => SetHandle(fd);

    /// <summary>The file descriptor.</summary>
    public int Fd => (int)handle;

    /// <summary>Open an object; not one of the lecture's own calls, which are in <c>Calls</c>. shm_open(3)</summary>
    /// <param name="name">The name, with or without one leading slash.</param>
    /// <param name="oflag">O_RDONLY or O_RDWR, and O_CREAT, O_EXCL, O_TRUNC.</param>
    /// <param name="mode">The permissions of a new object, less the umask.</param>
    /// <returns>The object; invalid on error.</returns>
    /// <remarks>O_NONBLOCK means nothing to an object; to open a FIFO that another user put there would wait without it.</remarks>
    public static ShmObject Open(string name, OpenFlags oflag, int mode = 0) =>
        new(LibC.shm_open(name, NativeConvert.FromOpenFlags(oflag | OpenFlags.O_NONBLOCK), (uint)mode));

    /// <summary>Take the name of an object out of /dev/shm; not one of the lecture's own calls. shm_unlink(3)</summary>
    /// <returns>0, or -1.</returns>
    public static int Unlink(string name) => LibC.shm_unlink(name);

    /// <summary>Whether there is a message at byte 0: looked at without mapping the object.</summary>
    public unsafe bool HasMessage()
    {
        byte first;
        return Syscall.pread(Fd, &first, 1, 0) == 1 && first != 0;
    }

    /// <summary>Read from it as from a file: beyond its end there is nothing, where a mapping would raise SIGBUS. pread(2)</summary>
    /// <param name="room">Where to put the bytes.</param>
    /// <param name="offset">The first one's offset.</param>
    /// <returns>How many there were; 0 beyond the end, and where it may not be read.</returns>
    public unsafe int Read(Span<byte> room, long offset)
    {
        fixed (byte* p = room)
            return (int)Math.Max(0, Syscall.pread(Fd, p, (ulong)room.Length, offset));
    }

    /// <summary>
    /// Whether any other process has it open or mapped at this moment, one that only looks on too; null if the kernel does
    /// not tell: the object is another user's, or not open for writing here.
    /// </summary>
    public bool? IsHeldByOthers()
    {
        const int F_WRLCK = 1, F_UNLCK = 2, SIGURG = 23;

        // Who opens it while the lease lasts makes the kernel send us a signal: one that does no harm.
        _ = Syscall.fcntl(Fd, FcntlCommand.F_SETSIG, SIGURG);
        if (Syscall.fcntl(Fd, FcntlCommand.F_SETLEASE, F_WRLCK) == -1)
            return Stdlib.GetLastError() is Errno.EAGAIN ? true : null;

        _ = Syscall.fcntl(Fd, FcntlCommand.F_SETLEASE, F_UNLCK);
        return false;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Syscall.close(Fd) == 0;
}
