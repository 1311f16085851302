using static Algorithms.LibC;

namespace Algorithms;

/// <summary>
/// A System V segment attached to this process: what shmat returns, detached at the latest when disposed.
/// </summary>
public sealed class Segment : SharedMemory
{
    private readonly int _shmid;

    private Segment(nint shmaddr, int shmid)
        : base(shmaddr) => _shmid = shmid;

    /// <inheritdoc/>
    public override long Length => shmctl(_shmid, IPC_STAT, out shmid_ds segment) == 0 ? segment.shm_segsz : 0;

    /// <summary>Its first bytes, to be looked at: good until it is detached, and not a moment longer.</summary>
    public unsafe ReadOnlySpan<byte> Bytes => new((void*)handle, (int)Math.Min(Length, int.MaxValue));

    // void *shmat(int shmid, const void *shmaddr, int shmflg);
    /// <summary>Attach a segment, at an address that the kernel chooses if <paramref name="shmaddr"/> is 0. shmat(2)</summary>
    /// <returns>The segment; invalid on error: EACCES, EIDRM, EINVAL, ENOMEM.</returns>
    public static Segment shmat(int shmid, nint shmaddr, int shmflg) => new(LibC.shmat(shmid, shmaddr, shmflg), shmid);

    // int shmdt(const void *shmaddr);
    /// <summary>Detach a segment; what was in it stays. shmdt(2)</summary>
    /// <returns>0, or -1: EINVAL.</returns>
    public static int shmdt(Segment shmptr)
    {
        int ret = LibC.shmdt(shmptr.handle);
        shmptr.SetHandleAsInvalid();
        return ret;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => LibC.shmdt(handle) == 0;
}
