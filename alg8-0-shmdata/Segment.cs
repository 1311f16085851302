using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Algorithms;

/// <summary>
/// A System V segment attached to this process: what shmat returns, detached at the latest when disposed.
/// </summary>
public sealed class Segment : SafeHandle
{
    private Segment(nint shmaddr)
        : base(-1, ownsHandle: true) => SetHandle(shmaddr);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == -1;

    /// <summary>The address at which it is attached, in this process alone.</summary>
    public nint Address => handle;

    // void *shmat(int shmid, const void *shmaddr, int shmflg);
    /// <summary>Attach a segment, at an address that the kernel chooses if <paramref name="shmaddr"/> is 0. shmat(2)</summary>
    /// <returns>The segment; <see cref="IsInvalid"/> on error: EACCES, EIDRM, EINVAL, ENOMEM.</returns>
    public static Segment shmat(int shmid, nint shmaddr, int shmflg) => new(LibC.shmat(shmid, shmaddr, shmflg));

    // int shmdt(const void *shmaddr);
    /// <summary>Detach a segment; what was in it stays. shmdt(2)</summary>
    /// <returns>0, or -1: EINVAL.</returns>
    public static int shmdt(Segment shmptr)
    {
        int ret = LibC.shmdt(shmptr.handle);
        shmptr.SetHandleAsInvalid();
        return ret;
    }

    /// <summary>The segment's bytes seen as a <typeparamref name="T"/>: C's cast of shmptr.</summary>
    /// <remarks>Good until the segment is detached, and not a moment longer.</remarks>
    public unsafe ref T As<T>()
        where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(IsInvalid || IsClosed, this);
        return ref Unsafe.AsRef<T>((void*)handle);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => LibC.shmdt(handle) == 0;
}
