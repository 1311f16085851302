namespace Algorithms;

/// <summary>C's strings: bytes up to a NUL. string.h</summary>
public static class CString
{
    // char *strncpy(char *dst, const char *src, size_t n);
    /// <summary>Copy a text and fill the rest of the <paramref name="n"/> bytes with NULs. strncpy(3)</summary>
    public static void strncpy(Span<byte> dst, ReadOnlySpan<byte> src, int n)
    {
        src = src[..Math.Min(src.Length, n)];
        src.CopyTo(dst);
        dst[src.Length..n].Clear();
    }

    /// <summary>Copy a text out of shared memory: up to its NUL, or all bytes where a peer has left none.</summary>
    /// <param name="shared">The bytes in shared memory; they may change under our hands.</param>
    /// <param name="copy">Room for as many bytes.</param>
    /// <returns>The copy, without the NUL.</returns>
    public static ReadOnlySpan<byte> Copy(ReadOnlySpan<byte> shared, Span<byte> copy)
    {
        ReadOnlySpan<byte> text = UpToNul(shared);
        text.CopyTo(copy);
        return copy[..text.Length];
    }

    /// <summary>
    /// The same, of a text that another process may replace meanwhile: by a NUL in its first byte, then the rest, then the
    /// first byte. What was there before and after the copy is one text.
    /// </summary>
    /// <param name="shared">The bytes in shared memory.</param>
    /// <param name="copy">Room for as many bytes.</param>
    /// <param name="text">The copy, without the NUL.</param>
    /// <returns>Whether it is one text; false while there is none, or it is being replaced.</returns>
    public static bool TryCopy(ReadOnlySpan<byte> shared, Span<byte> copy, out ReadOnlySpan<byte> text)
    {
        text = [];
        if (Volatile.Read(in shared[0]) == 0)
            return false;

        text = Copy(shared, copy);
        Interlocked.MemoryBarrier(); // all of it was read before the second look begins
        byte first = Volatile.Read(in shared[0]);
        return !text.IsEmpty && first == text[0] && UpToNul(shared).SequenceEqual(text);
    }

    /// <summary>A text without its NUL and what is behind it; all bytes where there is no NUL.</summary>
    public static ReadOnlySpan<byte> UpToNul(ReadOnlySpan<byte> bytes)
    {
        int nul = bytes.IndexOf((byte)0);
        return nul < 0 ? bytes : bytes[..nul];
    }
}
