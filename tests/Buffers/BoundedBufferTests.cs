using System.Buffers.Binary;
using Algorithms.Session;
using FsCheck;
using FsCheck.Fluent;
using static Algorithms.Calls;
using static Algorithms.LibC;

namespace Algorithms.Tests.Buffers;

/// <summary>The bounded buffer alone, both of its ends in one process, against a queue that models it.</summary>
public sealed class BoundedBufferTests
{
    private const int TextSize = sizeof(long);

    [Fact]
    public void Any_sequence_of_puts_and_gets_behaves_as_a_queue_of_one_place_less()
    {
        Arbitrary<(int Size, bool[] Puts)> moves =
            (from size in Gen.Choose(2, 64)
             from puts in Gen.ArrayOf(Gen.Elements(true, true, false)) // so that it fills, and wraps around
             select (size, puts)).ToArbitrary();

        Prop.ForAll(moves, move => BehavesAsAQueue(move.Size, move.Puts))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(500).WithEndSize(400));
    }

    [Theory]
    [InlineData(0, 99, 10)] // in beyond the array
    [InlineData(0, -1, 10)]
    [InlineData(64, 10, 10)] // out just beyond it
    [InlineData(64, int.MinValue, 10)]
    [InlineData(128, 1, 10)] // a buffer that can hold nothing
    [InlineData(128, -5, 10)]
    [InlineData(128, 11, 10)] // more than the memory has
    [InlineData(132, 0, 10)]
    [InlineData(132, int.MaxValue, 10)]
    public void What_cannot_be_is_an_error_before_any_access_leaves_the_memory(int offset, int value, int size)
    {
        using Segment memory = NewMemory(size);
        SetWord(memory, offset, value);

        Assert.Throws<ErrExit>(() => new BufferProducer(memory, Spinning(), new Absent()));
        Assert.Throws<ErrExit>(() => new BufferConsumer(memory, Spinning(), new Absent()));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(TextSize + 1)]
    [InlineData(int.MaxValue)]
    public void A_length_that_cannot_be_is_an_error(int length)
    {
        using Segment memory = NewMemory(4);
        new BufferProducer(memory, Spinning(), new Absent()).Put(length);
        BufferConsumer consumer = new(memory, Spinning(), new Absent());

        Assert.Throws<ErrExit>(() => consumer.NextConsumed().Length);
    }

    [Theory]
    [InlineData(2, 8, 192 + (2 * 64))]
    [InlineData(10, 8, 192 + (10 * 64))]
    [InlineData(10, 60, 192 + (10 * 64))]
    [InlineData(10, 61, 192 + (10 * 128))]
    [InlineData(10, 4096, 192 + (10 * 4160))]
    [InlineData(1_000_000_000, 4096, 192 + (1_000_000_000L * 4160))]
    public void Items_are_aligned_to_64_bytes(int bufferSize, int textSize, long bytes) =>
        Assert.Equal(bytes, BoundedBuffer.SizeOf(bufferSize, textSize));

    private static bool BehavesAsAQueue(int size, bool[] puts)
    {
        using Segment memory = NewMemory(size);
        BufferProducer producer = new(memory, Spinning(), new Absent());
        BufferConsumer consumer = new(memory, Spinning(), new Absent());
        Queue<long> model = new();
        long next = 0;
        foreach (bool put in puts)
        {
            if (put && model.Count < size - 1)
            {
                BinaryPrimitives.WriteInt64LittleEndian(producer.NextProduced(), ++next);
                producer.Put(TextSize);
                model.Enqueue(next);
            }
            else if (!put && model.Count > 0)
            {
                long got = BinaryPrimitives.ReadInt64LittleEndian(consumer.NextConsumed());
                consumer.Take();
                if (got != model.Dequeue())
                    return false;
            }

            if (producer.Count != model.Count)
                return false;
        }

        return true;
    }

    private static Waiting Spinning() => new(WaitStrategy.Spin, interval: 0);

    // A segment without a key, removed at once: the kernel frees it with the last detach.
    private static Segment NewMemory(int size)
    {
        int shmid = shmget(IPC_PRIVATE, (nint)BoundedBuffer.SizeOf(size, TextSize), ShmData.MODE_0666 | IPC_CREAT);
        Segment memory = Segment.Attach(shmid, 0, 0);
        Assert.False(memory.IsInvalid);
        BoundedBuffer.Initialize(memory, size, TextSize);
        Assert.Equal(0, shmctl(shmid, IPC_RMID, 0));
        return memory;
    }

    private static void SetWord(Segment memory, int offset, int value)
    {
        ref buffer_header header = ref memory.As<buffer_header>();
        switch (offset)
        {
            case 0: header.@in = value; break;
            case 64: header.@out = value; break;
            case 128: header.buffer_size = value; break;
            default: header.text_size = value; break;
        }
    }

    /// <summary>Nobody: in one process, nothing is ever waited for, or the test's limit ends it.</summary>
    private sealed class Absent() : Peer("peer")
    {
        protected override string? WhyLost() => "a wait that should not be";

        protected override bool IsPeer(int pid) => false;

        protected override void Dispose(bool disposing)
        {
        }
    }
}
