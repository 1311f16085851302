using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Algorithms;

/// <summary>
/// What lies before the items of a bounded buffer: 192 bytes. Each index has a cache line of its own, so that neither
/// side disturbs the other's stores. A C program can take part: docs/alg8_buffer.h.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 192)]
public struct buffer_header
{
    /// <summary>The next free position; only the producer stores it. Offset 0</summary>
    [FieldOffset(0)]
    public int @in;

    /// <summary>Not 0 while the consumer sleeps on <see cref="@in"/>: then a store of it is worth a wake. Offset 4</summary>
    [FieldOffset(4)]
    public int in_sleeps;

    /// <summary>The first full position; only the consumer stores it. Offset 64</summary>
    [FieldOffset(64)]
    public int @out;

    /// <summary>Not 0 while the producer sleeps on <see cref="@out"/>: then a store of it is worth a wake. Offset 68</summary>
    [FieldOffset(68)]
    public int out_sleeps;

    /// <summary>BUFFER_SIZE: how many items the array has; one of them is always free. Offset 128</summary>
    [FieldOffset(128)]
    public int buffer_size;

    /// <summary>The most bytes that an item's text can have. Offset 132</summary>
    [FieldOffset(132)]
    public int text_size;
}

/// <summary>
/// The lecture's bounded buffer between two processes: a circular array, empty when in == out, full when
/// (in + 1) % BUFFER_SIZE == out, so that at most BUFFER_SIZE - 1 items are in it.
/// </summary>
/// <remarks>
/// Each item is <c>{ int length; char mtext[text_size]; }</c>, aligned to 64 bytes; an item of length 0 ends the stream.
/// What a peer stores is never trusted: an index or a length that cannot be is an error, and no access leaves the memory.
/// </remarks>
public abstract unsafe class BoundedBuffer
{
    private const int CacheLine = 64;

    // How many items may pass, in a buffer that is not larger, before this side asks after the other, if it never waits.
    private const int MostItemsBetweenChecks = 16_384;

    // The four words of the header. To take them as fields (ref header->in) would have the compiler check the pointer
    // by a load: of a cache line that may be in the other side's core.
    private protected readonly int* In, InSleeps, Out, OutSleeps;
    private protected readonly Waiting Waiting;
    private protected readonly IPeer OtherSide;

    private readonly nint _itemSize;
    private readonly byte* _items;
    private readonly int _fetchesBetweenChecks;
    private int _fetchesUntilCheck;

    private protected BoundedBuffer(SharedMemory memory, Waiting waiting, IPeer peer)
    {
        if (memory.Length < sizeof(buffer_header))
            throw ErrExit.Because($"{ErrExit.Program}: {memory.Length} bytes are too few for a bounded buffer");
        buffer_header* header = (buffer_header*)memory.Address; // good for as long as the caller's `using`
        In = &header->@in;
        InSleeps = &header->in_sleeps;
        Out = &header->@out;
        OutSleeps = &header->out_sleeps;

        // Read once, when they are checked: a peer may store others later.
        (BufferSize, TextSize) = (header->buffer_size, header->text_size);
        if (BufferSize < LeastBufferSize || TextSize < 1 || SizeOf(BufferSize, TextSize) > memory.Length)
        {
            throw ErrExit.Because(
                $"{ErrExit.Program}: no bounded buffer: buffer_size {BufferSize}, text_size {TextSize}, in {memory.Length} bytes");
        }

        _fetchesUntilCheck = _fetchesBetweenChecks = Math.Max(1, MostItemsBetweenChecks / BufferSize);
        _itemSize = (nint)SizeOfItem(TextSize);
        _items = (byte*)(header + 1);
        (Waiting, OtherSide) = (waiting, peer);
    }

    /// <summary>The least buffer size: with one item, of which one is always free, nothing could be in it.</summary>
    public const int LeastBufferSize = 2;

    /// <summary>BUFFER_SIZE: how many places it has.</summary>
    public int BufferSize { get; }

    /// <summary>The most bytes of an item's text.</summary>
    public int TextSize { get; }

    /// <summary>How many items are in the buffer now.</summary>
    public int Count => (SharedIn - SharedOut + BufferSize) % BufferSize;

    /// <summary>Called when a wait begins, so that a class can see it.</summary>
    public Action? OnWait { get; init; }

    /// <summary>The bytes of shared memory that a buffer takes.</summary>
    /// <param name="bufferSize">The number of items.</param>
    /// <param name="textSize">The most bytes of an item's text.</param>
    public static long SizeOf(int bufferSize, int textSize) => sizeof(buffer_header) + (bufferSize * SizeOfItem(textSize));

    /// <summary>Where an item is: the bytes before its length.</summary>
    internal static long OffsetOf(int index, int textSize) => sizeof(buffer_header) + (index * SizeOfItem(textSize));

    /// <summary>Lay out an empty buffer in memory that is all zeros: the controller's part.</summary>
    public static void Initialize(SharedMemory memory, int bufferSize, int textSize)
    {
        ref buffer_header header = ref memory.As<buffer_header>();
        header.text_size = textSize;
        Volatile.Write(ref header.buffer_size, bufferSize);
    }

    /// <summary>The same, where no controller has done so: of two programs started by hand, whichever comes first.</summary>
    public static void InitializeIfNew(SharedMemory memory, int bufferSize, int textSize)
    {
        if (Volatile.Read(ref memory.As<buffer_header>().buffer_size) == 0)
            Initialize(memory, bufferSize, textSize);
    }

    /// <summary>The buffer size of a segment that is a bounded buffer of messages, by its size and its header; else null.</summary>
    public static int? SizeIn(SharedMemory memory)
    {
        if (memory.Length < sizeof(buffer_header))
            return null;
        ref buffer_header header = ref memory.As<buffer_header>();
        return header.buffer_size >= LeastBufferSize
            && header.text_size == ShmData.TEXT_SIZE
            && SizeOf(header.buffer_size, header.text_size) == memory.Length
            ? header.buffer_size
            : null;
    }

    private protected int SharedIn => Checked(Volatile.Read(ref *In), "in");

    private protected int SharedOut => Checked(Volatile.Read(ref *Out), "out");

    private static long SizeOfItem(int textSize) => (sizeof(int) + (long)textSize + CacheLine - 1) / CacheLine * CacheLine;

    private protected int* ItemAt(int index) => (int*)(_items + (index * _itemSize));

    // (index + 1) % BUFFER_SIZE, without the division
    private protected int After(int index) => index + 1 == BufferSize ? 0 : index + 1;

    /// <summary>Wake the other side, where a store of one that spins has not done so: before a pause, and at the end.</summary>
    public abstract void Wake();

    /// <summary>Pause between two items, as --delay asks; look after the other side meanwhile.</summary>
    /// <param name="milliseconds">How long.</param>
    /// <exception cref="ErrExit">The other side or the memory is gone, and nothing is left to be done.</exception>
    public void Sleep(int milliseconds)
    {
        if (milliseconds > 0)
            Wake();
        for (int left = milliseconds; left > 0; left -= Waiting.SliceMilliseconds)
        {
            OtherSide.Sleep(Math.Min(left, Waiting.SliceMilliseconds));
            Check();
        }
    }

    /// <summary>Look after the other side, and the memory, in a pause.</summary>
    /// <exception cref="ErrExit">They are gone, and nothing is left to be done.</exception>
    public abstract void Check();

    // Called before the other side's index is fetched anew. Between two fast sides, a wait is over before anybody asks after
    // the other: so ask now and then all the same.
    private protected void CheckNowAndThen(ref int index, int value, ReadOnlySpan<byte> loss)
    {
        if (--_fetchesUntilCheck > 0)
            return;
        _fetchesUntilCheck = _fetchesBetweenChecks;
        OtherSide.Check(Waiting.Awaited(ref index, value, loss, isWait: false));
    }

    private protected int Checked(int index, string name) =>
        (uint)index < (uint)BufferSize
            ? index
            : throw ErrExit.Because($"{ErrExit.Program}: {name} = {index}, in a buffer of {BufferSize}: somebody else has written there");
}

/// <summary>The producer's end of a bounded buffer. [Producer]</summary>
public sealed unsafe class BufferProducer : BoundedBuffer, IPausing
{
    private readonly bool _shared;
    private int _in, _out;

    /// <summary>Become the producer.</summary>
    /// <param name="memory">The shared memory, laid out.</param>
    /// <param name="waiting">How to wait on a full buffer.</param>
    /// <param name="consumer">Who makes room.</param>
    /// <param name="shared">The lecture's warning: share `in` with another producer, without mutual exclusion.</param>
    public BufferProducer(SharedMemory memory, Waiting waiting, IPeer consumer, bool shared = false)
        : base(memory, waiting, consumer)
    {
        _shared = shared;
        (_in, _out) = (SharedIn, SharedOut);
    }

    /// <summary>Wait while the buffer is full, and get the text of the item at `in`, to be filled.</summary>
    /// <param name="loss">What will not be delivered if the consumer is gone.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> NextProduced(ReadOnlySpan<byte> loss = default)
    {
        if (_shared)
            WaitForRoomInRace(loss);
        else if (After(_in) == _out) // full, when last looked at: `out` is the consumer's, and far away
            WaitForRoom(loss);
        return new Span<byte>(ItemAt(_in) + 1, TextSize);
    }

    /// <summary>Put the item that NextProduced gave into the buffer: <c>in = (in + 1) % BUFFER_SIZE</c>.</summary>
    /// <param name="length">The bytes of its text; 0 ends the stream.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Put(int length)
    {
        *ItemAt(_in) = length;
        _in = After(_in);
        Waiting.Store(ref *In, _in, ref *InSleeps);
        if (length == 0)
            Wake();
    }

    /// <inheritdoc/>
    public override void Wake() => Waiting.Wake(ref *In, ref *InSleeps);

    /// <inheritdoc/>
    public void Pause() => Wake();

    /// <inheritdoc cref="BoundedBuffer.Check"/>
    public override void Check()
    {
        OtherSide.CheckMemory("what is in the buffer"u8);
        OtherSide.Check(new Awaited(ref *Out, _in, default) // empty
        {
            InAnyCase = true,
            OtherLoss = "what is in the buffer"u8,
            WasAnswered = Waiting.WasAnswered,
        });
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WaitForRoom(ReadOnlySpan<byte> loss)
    {
        int full = After(_in);
        CheckNowAndThen(ref *Out, full, loss);
        _out = SharedOut;
        if (_out == full)
        {
            OnWait?.Invoke();
            int seen = Waiting.While( // buffer full, do nothing
                ref *Out, full, ref *OutSleeps, ref *In, ref *InSleeps, OtherSide, loss);
            _out = Checked(seen, "out");
        }

        Waiting.WasAnswered = true;
    }

    // As the slide has it, both indices anew at each look: the other producer may have stored an `in` that leaves room,
    // and then the consumer, who sees an empty buffer, stores no other `out`.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WaitForRoomInRace(ReadOnlySpan<byte> loss)
    {
        while (true)
        {
            int before = _out;
            CheckNowAndThen(ref *Out, before, loss);
            (_in, _out) = (SharedIn, SharedOut);
            if (After(_in) != _out)
                return;

            Waiting.WasAnswered |= _out != before;
            _ = Waiting.WaitOnce( // buffer full, do nothing
                ref *Out, _out, ref *OutSleeps, ref *In, ref *InSleeps, OtherSide, loss, out _);
        }
    }
}

/// <summary>The consumer's end of a bounded buffer. [Consumer]</summary>
public sealed unsafe class BufferConsumer : BoundedBuffer
{
    private int _in, _out;

    /// <summary>Become the consumer.</summary>
    /// <param name="memory">The shared memory, laid out.</param>
    /// <param name="waiting">How to wait on an empty buffer.</param>
    /// <param name="producer">Who fills it.</param>
    public BufferConsumer(SharedMemory memory, Waiting waiting, IPeer producer)
        : base(memory, waiting, producer)
    {
        (_in, _out) = (SharedIn, SharedOut);
    }

    /// <summary>Wait while the buffer is empty, and get the text of the item at `out`.</summary>
    /// <param name="loss">What will not be delivered if the producer is gone.</param>
    /// <returns>The text, to be used before Take; empty at the end of the stream.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> NextConsumed(ReadOnlySpan<byte> loss = default)
    {
        if (_in == _out) // empty, when last looked at: `in` is the producer's, and far away
            WaitForItem(loss);

        int* item = ItemAt(_out);
        int length = *item;
        return (uint)length <= (uint)TextSize ? new ReadOnlySpan<byte>(item + 1, length) : throw TooLong(length);
    }

    /// <summary>Give the item that NextConsumed gave back: <c>out = (out + 1) % BUFFER_SIZE</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Take()
    {
        _out = After(_out);
        Waiting.Store(ref *Out, _out, ref *OutSleeps);
    }

    /// <inheritdoc/>
    public override void Wake() => Waiting.Wake(ref *Out, ref *OutSleeps);

    /// <inheritdoc/>
    public override void Check()
    {
        OtherSide.CheckMemory("its next message"u8);
        OtherSide.Check(Waiting.Awaited(ref *In, _out, "its next message"u8, isWait: false));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WaitForItem(ReadOnlySpan<byte> loss)
    {
        CheckNowAndThen(ref *In, _out, loss);
        _in = SharedIn;
        if (_in == _out)
        {
            OnWait?.Invoke();
            if (!Waiting.Spins || !LetProducerGetAhead())
            {
                int seen = Waiting.While( // buffer empty, do nothing
                    ref *In, _out, ref *InSleeps, ref *Out, ref *OutSleeps, OtherSide, loss);
                _in = Checked(seen, "in");
            }
        }

        Waiting.WasAnswered = true;
    }

    // In a large buffer, let the producer get ahead, up to half of it and as long as it moves: side by side, the two
    // would take the same cache lines from each other with each item.
    private bool LetProducerGetAhead()
    {
        const int MostLooks = 200, MostPauses = 64;

        int pauses = Math.Min(BufferSize / 16, MostPauses);
        for (int looks = 0, before = 0; looks < MostLooks && pauses > 0; looks++)
        {
            int seen = SharedIn;
            int ahead = seen - _out + (seen < _out ? BufferSize : 0);
            if (ahead >= BufferSize / 2 || (ahead > 0 && ahead == before))
            {
                _in = seen;
                return true;
            }

            before = ahead;
            for (int i = 0; i < pauses; i++)
                Waiting.Relax();
        }

        return false;
    }

    private ErrExit TooLong(int length) => ErrExit.Because(
        $"{ErrExit.Program}: an item of {length} bytes, in a buffer for {TextSize}: somebody else has written there");
}
