using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using static Algorithms.LibC;

namespace Algorithms;

/// <summary>An open POSIX shared-memory object: the descriptor that shm_open returns, closed when disposed.</summary>
public sealed class ShmObject : SafeHandleMinusOneIsInvalid
{
    private ShmObject(int fd)
        : base(ownsHandle: true) => SetHandle(fd);

    /// <summary>The file descriptor.</summary>
    public int Fd => (int)handle;

    // int shm_open(const char *name, int oflag, mode_t mode);
    /// <summary>Open, and with O_CREAT create, the object /dev/shm/<paramref name="name"/>. shm_open(3)</summary>
    /// <param name="name">The name, with or without one leading slash.</param>
    /// <param name="oflag">O_RDONLY or O_RDWR, and O_CREAT, O_EXCL, O_TRUNC.</param>
    /// <param name="mode">The permissions of a new object, less the umask.</param>
    /// <returns>The object; invalid on error: EACCES, EEXIST, EINVAL, EMFILE, ENAMETOOLONG, ENOENT.</returns>
    /// <remarks>O_NONBLOCK means nothing to an object; to open a FIFO that somebody put there would wait without it.</remarks>
    public static ShmObject shm_open(string name, OpenFlags oflag, int mode) =>
        new(LibC.shm_open(name, NativeConvert.FromOpenFlags(oflag | OpenFlags.O_NONBLOCK), (uint)mode));

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

/// <summary>A shared mapping of an object's bytes: what mmap returns, unmapped when disposed.</summary>
public sealed unsafe class Mapping : SharedMemory
{
    private Mapping(nint address, long length)
        : base(address) => Length = length;

    /// <inheritdoc/>
    public override long Length { get; }

    /// <summary>The first bytes, all of them in an object of the lecture's size: good until disposed, and not a moment longer.</summary>
    public Span<byte> Bytes => new((void*)handle, (int)Math.Min(Length, int.MaxValue));

    // void *mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset);
    /// <summary>Map the first <paramref name="length"/> bytes of an object, shared with all who map it. mmap(2)</summary>
    /// <returns>The mapping; invalid on error: EACCES, EINVAL, ENOMEM, and ENOSPC where a page cannot be had.</returns>
    /// <remarks>
    /// An object made with ftruncate alone is all holes: to read or write one takes a page of /dev/shm, and where that is
    /// full, raises SIGBUS. So all pages are taken now, while the kernel can still say so.
    /// </remarks>
    public static Mapping mmap(nint addr, long length, MmapProts prot, MmapFlags flags, ShmObject fd, long offset)
    {
        Mapping mapping = new(Syscall.mmap(addr, (ulong)length, prot, flags, fd.Fd, offset), length);
        int populate = prot.HasFlag(MmapProts.PROT_WRITE) ? MADV_POPULATE_WRITE : MADV_POPULATE_READ;
        if (!mapping.IsInvalid && madvise(mapping.handle, (nint)length, populate) == -1 && Stdlib.GetLastError() is Errno.EFAULT)
        {
            mapping.Dispose();
            mapping.SetHandle(-1);
            Marshal.SetLastPInvokeError((int)Errno.ENOSPC);
        }

        return mapping;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Syscall.munmap(handle, (ulong)Length) == 0;
}
