using System.Runtime.InteropServices;
using System.Text;
using Algorithms.Linux;
using static Algorithms.LibC;

namespace Algorithms.Session;

/// <summary>Whether a child that has ended with status 0 has done its part, as the shared memory shows it.</summary>
public enum Part
{
    /// <summary>It has: the other side ends by itself.</summary>
    Done,

    /// <summary>The other side has something left to take, and may take its time.</summary>
    Pending,

    /// <summary>It has not: the other side would wait for it for ever.</summary>
    Missing,
}

/// <summary>The memory of a session, as its controller sees it: what its state tells of the children.</summary>
public abstract class SessionMemory
{
    private protected SessionMemory(MemoryId id) => Id = id;

    /// <summary>What names it, to be handed down.</summary>
    internal MemoryId Id { get; }

    /// <summary>What is in it, and was not taken out; empty if nothing is.</summary>
    public abstract string Undelivered { get; }

    /// <summary>Why nobody can use it any more; null while one can.</summary>
    public string? WhyLost => Lost?.Invoke();

    /// <summary>The session of 8-1: child 0 is the reader, child 1 the writer.</summary>
    /// <param name="key">The segment's key.</param>
    /// <param name="shmid">The segment.</param>
    /// <param name="bufferSize">The size of its queue; null for the slide's single slot.</param>
    public static SessionMemory OfSegment(int key, int shmid, int? bufferSize)
    {
        MemoryId id = new MemoryId.OfSegment(key, shmid);
        MemoryReader read = (room, offset) => ReadSegment(shmid, room, offset);
        return bufferSize is { } size ? new BufferMemory(id, read, size, ShmData.TEXT_SIZE, reader: 0) : new SlotMemory(id, read);
    }

    /// <summary>The session of 8-4: child 0 is the producer, child 1 the consumer.</summary>
    /// <param name="name">The object's name.</param>
    /// <param name="fd">The object.</param>
    /// <param name="buffer">The sizes of its bounded buffer; null for a single message.</param>
    /// <param name="race">Whether children 0 and 1 are producers, and this program ends their items itself.</param>
    public static SessionMemory OfObject(string name, ShmObject fd, (int BufferSize, int TextSize)? buffer, bool race)
    {
        ObjectInfo created = ObjectInfo.Of(name, fd);
        MemoryId id = new MemoryId.OfObject(name, created.Device, created.Inode);
        return buffer is var (bufferSize, textSize)
            ? new BufferMemory(id, fd.Read, bufferSize, textSize, reader: race ? 2 : 1) { Lost = WhyLost, IsEndedByController = race }
            : new MessageMemory(id, fd.Read) { Lost = WhyLost };

        string? WhyLost() => ObjectInfo.Of(name, fd).Size is var size && size < created.Size
            ? $"{created.Path} was cut to {size} bytes by another process"
            : null;
    }

    /// <summary>What a child that has ended with status 0 has left undone.</summary>
    /// <param name="child">Its number, in the order of the spawns.</param>
    /// <param name="first">Whether this is the first look after its end.</param>
    public abstract Part PartOf(int child, bool first);

    private protected Func<string?>? Lost { get; init; }

    internal delegate int MemoryReader(Span<byte> room, long offset);

    private protected static string Shown(ReadOnlySpan<byte> text)
    {
        const int MostBytes = 60;
        return Encoding.UTF8.GetString(text[..Math.Min(text.Length, MostBytes)]).TrimEnd('\n', '\uFFFD') + (text.Length > MostBytes ? "..." : "");
    }

    // Attached for this look only: as on the slide, the controller has detached.
    private static int ReadSegment(int shmid, Span<byte> room, long offset)
    {
        using Segment shmptr = Segment.Attach(shmid, shmflg: SHM_RDONLY);
        if (shmptr.IsInvalid)
            return 0;
        ReadOnlySpan<byte> bytes = shmptr.Bytes;
        if (offset + room.Length > bytes.Length)
            return 0;
        bytes.Slice((int)offset, room.Length).CopyTo(room);
        return room.Length;
    }
}

/// <summary>The slide's single slot. [8-1]</summary>
internal sealed class SlotMemory : SessionMemory
{
    private readonly MemoryReader _read;
    private bool _readerHasEnd;

    internal SlotMemory(MemoryId id, MemoryReader read)
        : base(id) => _read = read;

    /// <inheritdoc/>
    public override string Undelivered => Look(out ReadOnlySpan<byte> text) ? Shown(text) : "";

    /// <inheritdoc/>
    public override Part PartOf(int child, bool first)
    {
        bool isFull = Look(out ReadOnlySpan<byte> text), isEnd = text.StartsWith("end"u8);
        if (child == 0)
        {
            // Of the text that was there when it ended: an `end` that comes later is none that it has read.
            _readerHasEnd |= first && isEnd;
            return _readerHasEnd ? Part.Done : Part.Missing;
        }

        return isEnd ? Part.Done : isFull ? Part.Pending : Part.Missing;
    }

    private bool Look(out ReadOnlySpan<byte> text)
    {
        byte[] slot = new byte[sizeof(int) + ShmData.TEXT_SIZE];
        int length = _read(slot, 0);
        text = CString.UpToNul(slot.AsSpan(sizeof(int)));
        return length == slot.Length && MemoryMarshal.Read<int>(slot) != 0;
    }
}

/// <summary>One message at byte 0. [8-5]</summary>
internal sealed class MessageMemory : SessionMemory
{
    private readonly MemoryReader _read;

    internal MessageMemory(MemoryId id, MemoryReader read)
        : base(id) => _read = read;

    /// <inheritdoc/>
    /// <remarks>Of a message that was consumed, nothing can be seen.</remarks>
    public override string Undelivered => "";

    /// <inheritdoc/>
    /// <remarks>The consumer's part too: one that ends before the message is there has not consumed it.</remarks>
    public override Part PartOf(int child, bool first)
    {
        Span<byte> message = [0];
        return _read(message, 0) == 1 && message[0] != 0 ? Part.Done : Part.Missing;
    }
}

/// <summary>The bounded buffer. [Producer], [Consumer]</summary>
internal sealed class BufferMemory : SessionMemory
{
    private readonly MemoryReader _read;
    private readonly int _bufferSize, _textSize, _reader;

    internal BufferMemory(MemoryId id, MemoryReader read, int bufferSize, int textSize, int reader)
        : base(id) => (_read, _bufferSize, _textSize, _reader) = (read, bufferSize, textSize, reader);

    /// <summary>Whether the controller puts the end in, when all producers have ended.</summary>
    internal bool IsEndedByController { get; init; }

    /// <inheritdoc/>
    public override string Undelivered
    {
        get
        {
            (int @in, int @out) = Indices();
            int count = (@in - @out + _bufferSize) % _bufferSize;
            if (count > 0 && Item((@in - 1 + _bufferSize) % _bufferSize).Length == 0)
                count--; // the end of the stream
            return count == 0 ? "" : $"what is in the buffer, {count} {(count == 1 ? "item" : "items")}";
        }
    }

    /// <inheritdoc/>
    public override Part PartOf(int child, bool first)
    {
        (int @in, int @out) = Indices();
        if (child == _reader)
            return (@in == @out ? HasEndBefore(@in) : Item(@out) is []) ? Part.Done : Part.Missing;
        return IsEndedByController || HasEndBefore(@in) ? Part.Done : @in != @out ? Part.Pending : Part.Missing;
    }

    // Whether what was put in last is the end. Zeros, where nothing was ever put in, look like one.
    private bool HasEndBefore(int @in) => (@in != 0 || Item(0) is not []) && IsEnd(Item((@in - 1 + _bufferSize) % _bufferSize));

    // Messages end with an `end`, items and streams with an item of length 0.
    private bool IsEnd(ReadOnlySpan<byte> text) => text.IsEmpty || (_reader == 0 && text.StartsWith("end"u8));

    private (int In, int Out) Indices()
    {
        buffer_header header = default;
        _ = _read(MemoryMarshal.AsBytes(new Span<buffer_header>(ref header)), 0);
        return ((int)((uint)header.@in % (uint)_bufferSize), (int)((uint)header.@out % (uint)_bufferSize));
    }

    // Its first bytes: enough to know an `end`.
    private ReadOnlySpan<byte> Item(int index)
    {
        byte[] item = new byte[sizeof(int) + Math.Min(_textSize, sizeof(int))];
        _ = _read(item, BoundedBuffer.OffsetOf(index, _textSize));
        return item.AsSpan(sizeof(int), Math.Clamp(MemoryMarshal.Read<int>(item), 0, item.Length - sizeof(int)));
    }
}
