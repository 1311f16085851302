using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Algorithms;

/// <summary>
/// Memory that other processes see too, as long as it is attached or mapped here: what <see cref="Segment"/> and
/// <see cref="Mapping"/> have in common.
/// </summary>
public abstract unsafe class SharedMemory : SafeHandle
{
    private protected SharedMemory(nint address)
        : base(-1, ownsHandle: true) => SetHandle(address);

    /// <summary>Whether the call that was to make it failed: C's (void *)-1.</summary>
    public override bool IsInvalid => handle == -1;

    /// <summary>Where it is, in this process alone.</summary>
    public nint Address => handle;

    /// <summary>How many bytes may be touched.</summary>
    public abstract long Length { get; }

    /// <summary>Its first bytes seen as a <typeparamref name="T"/>: C's cast of the pointer.</summary>
    /// <remarks>Good until it is detached or unmapped, and not a moment longer.</remarks>
    public ref T As<T>()
        where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(IsInvalid || IsClosed, this);
        return ref Unsafe.AsRef<T>((void*)handle);
    }
}
