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

    /// <summary>Attach a segment; not one of the lecture's own calls, which are in <c>Calls</c>. shmat(2)</summary>
    /// <param name="shmid">The segment.</param>
    /// <param name="shmaddr">Where; 0 for an address that the kernel chooses.</param>
    /// <param name="shmflg">SHM_RDONLY, or 0.</param>
    /// <returns>The segment; invalid on error.</returns>
    public static Segment Attach(int shmid, nint shmaddr = 0, int shmflg = 0) => new(LibC.shmat(shmid, shmaddr, shmflg), shmid);

    /// <summary>Detach it; what is in it stays. shmdt(2)</summary>
    /// <returns>0, or -1.</returns>
    internal int Detach()
    {
        int ret = LibC.shmdt(handle);
        SetHandleAsInvalid();
        return ret;
    }

    /// <summary>Find the segment of a key; not one of the lecture's own calls. shmget(2)</summary>
    /// <param name="key">The key.</param>
    /// <param name="size">How many bytes it must have at least.</param>
    /// <param name="mode">How it is to be used.</param>
    /// <returns>The shmid, or -1.</returns>
    internal static int Find(int key, nint size, int mode) => shmget(key, size, mode);

    /// <summary>Remove a segment; not one of the lecture's own calls. shmctl(2)</summary>
    /// <returns>0, or -1.</returns>
    public static int Remove(int shmid) => shmctl(shmid, IPC_RMID, 0);

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => LibC.shmdt(handle) == 0;
}
