using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Algorithms.Options;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Algorithms;

/// <summary>The bounded buffer, with the items that are in it: where there are many, those at both ends.</summary>
internal sealed record Ring(int BufferSize, int TextSize, int In, int Out) : Content
{
    private const int MostAtAnEnd = 32;
    private const int MostText = 512; // of one item: more is never drawn

    private readonly Dictionary<int, Item> _items = [];

    /// <summary>Whether both indices are positions of the buffer.</summary>
    public bool IsSound => (uint)In < (uint)BufferSize && (uint)Out < (uint)BufferSize;

    /// <summary>How many places are full.</summary>
    public int Count => After(In, -Out);

    /// <summary>Whether a place is full.</summary>
    public bool IsFull(int place) => IsSound && After(place, -Out) < Count;

    /// <summary>The item in a place, where it was read.</summary>
    public Item ItemAt(int place) => _items.GetValueOrDefault(place);

    /// <summary>The item that was put in last, whether it is still in the buffer or not; null where there was none yet.</summary>
    public Item? Last => ItemAt(After(In, -1)) is { Full.Length: > 0 } item ? item : null;

    /// <summary>The place that lies so many places after another one; before it, where the number is negative.</summary>
    public int After(int place, int steps) => (int)(((long)place + steps + BufferSize) % BufferSize);

    /// <summary>The bounded buffer that the memory is, by its header and its size; else null.</summary>
    public static Ring? Of(Watched watched)
    {
        if (HeaderIn(watched.Read, watched.Size) is not { } header)
            return null;

        Ring ring = new(header.buffer_size, header.text_size, header.@in, header.@out);
        if (ring.IsSound)
            ring.Read(watched, ring.After(ring.In, -1));
        for (int i = 0; ring.IsSound && i < Math.Min(ring.Count, MostAtAnEnd); i++)
        {
            ring.Read(watched, ring.After(ring.Out, i));
            ring.Read(watched, ring.After(ring.In, -1 - i));
        }

        return ring;
    }

    /// <summary>Read from shared memory.</summary>
    /// <returns>How many bytes there were.</returns>
    public delegate int Reader(Span<byte> room, long offset);

    /// <summary>The header of memory of this size, where it is a bounded buffer's; else null.</summary>
    public static buffer_header? HeaderIn(Reader read, long size)
    {
        byte[] bytes = new byte[Unsafe.SizeOf<buffer_header>()];
        if (size < bytes.Length || read(bytes, 0) < bytes.Length)
            return null;
        buffer_header header = MemoryMarshal.Read<buffer_header>(bytes);
        return header.buffer_size >= BoundedBuffer.LeastBufferSize && header.text_size > 0
            && BoundedBuffer.SizeOf(header.buffer_size, header.text_size) == size
            ? header
            : null;
    }

    private void Read(Watched watched, int place)
    {
        if (_items.ContainsKey(place))
            return;
        long offset = BoundedBuffer.SizeOf(place, TextSize);
        int length = Number(watched, offset);
        ReadOnlySpan<byte> text = (uint)length <= (uint)TextSize ? Bytes(watched, offset + sizeof(int), Math.Min(length, MostText)) : [];
        _items[place] =
            (uint)length > (uint)TextSize ? new Item("?", $"length {length}: somebody else has written there")
            : length == 0 ? IsFull(place) ? new Item("end", "the end of the stream") : default
            : TextSize == BufferOptions.NumberSize && text.Length == BufferOptions.NumberSize
                ? new Item($"{ReadInt64LittleEndian(text)}", $"{ReadInt64LittleEndian(text)}")
            : new Item(VisibleText.Of(text.TrimEnd((byte)'\n')), $"\"{VisibleText.Of(text)}\"");
    }

    /// <summary>An item as text.</summary>
    /// <param name="Short">For a box.</param>
    /// <param name="Full">In full, as far as it was read.</param>
    public readonly record struct Item(string? Short, string? Full);
}
