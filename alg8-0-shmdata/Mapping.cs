using System.Runtime.InteropServices;
using Mono.Unix.Native;
using static Algorithms.LibC;

namespace Algorithms;

/// <summary>A shared mapping of an object's bytes: what mmap returns, unmapped when disposed.</summary>
public sealed unsafe class Mapping : SharedMemory
{
    private Mapping(nint address, long length)
        : base(address) => Length = length;

    /// <inheritdoc/>
    public override long Length { get; }

    /// <summary>The first bytes, all of them in an object of the lecture's size: good until disposed, and not a moment longer.</summary>
    public Span<byte> Bytes => new((void*)handle, (int)Math.Min(Length, int.MaxValue));

    /// <summary>Map the first <paramref name="length"/> bytes of an object, shared with all who map it; for <c>Calls.mmap</c>. mmap(2)</summary>
    /// <returns>The mapping; invalid on error: EACCES, EINVAL, ENOMEM, and ENOSPC where a page cannot be had.</returns>
    /// <remarks>
    /// An object made with ftruncate alone is all holes: to read or write one takes a page of /dev/shm, and where that is
    /// full, raises SIGBUS. So all pages are taken now, while the kernel can still say so.
    /// </remarks>
    public static Mapping Map(nint addr, long length, MmapProts prot, MmapFlags flags, ShmObject fd, long offset)
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
