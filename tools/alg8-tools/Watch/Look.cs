using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using static Algorithms.ShmData;

namespace Algorithms;

/// <summary>What a look at the memory found: copied out of it, so that nothing changes while it is drawn.</summary>
/// <param name="Watched">What was looked at.</param>
/// <param name="Content">What its bytes mean; null where they are not the suite's.</param>
/// <param name="FirstBytes">Its first bytes.</param>
internal sealed record Look(Watched Watched, Content? Content, byte[] FirstBytes)
{
    private const int MostFirstBytes = 9 * 16; // as far as buffer_size

    /// <summary>Look.</summary>
    public static Look At(Watched watched)
    {
        byte[] first = new byte[(int)Math.Min(watched.Size, MostFirstBytes)];
        first = first[..watched.Read(first, 0)];
        Content? content = watched.Size != TEXT_NUM * Unsafe.SizeOf<shared_struct>() ? Ring.Of(watched)
            : watched is WatchedSegment ? Slot.Of(watched)
            : Message.Of(watched);
        watched.Rest();
        return new Look(watched, content, first);
    }
}

/// <summary>What the bytes mean.</summary>
internal abstract record Content
{
    private protected static int Number(Watched watched, long offset)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        return watched.Read(bytes, offset) == bytes.Length ? BinaryPrimitives.ReadInt32LittleEndian(bytes) : 0;
    }

    private protected static byte[] Bytes(Watched watched, long offset, int most)
    {
        byte[] bytes = new byte[most];
        return bytes[..watched.Read(bytes, offset)];
    }
}

/// <summary>The slide's single slot. [8-0]</summary>
internal sealed record Slot(int Written, byte[] Text) : Content
{
    public static Slot Of(Watched watched) =>
        new(Number(watched, 0), [.. CString.UpToNul(Bytes(watched, sizeof(int), TEXT_SIZE))]);
}

/// <summary>The message at byte 0 of an object. [8-5]</summary>
internal sealed record Message(byte[] Text) : Content
{
    public static Message Of(Watched watched) =>
        new([.. CString.UpToNul(Bytes(watched, 0, TEXT_NUM * Unsafe.SizeOf<shared_struct>()))]);
}
