// Algorithm 8-5, shmproducer: the POSIX producer.
// Puts one message at byte 0 of an object in /dev/shm; or items, or a stream, into the bounded buffer that is there.
// Usage:   alg8-5-shmproducer FILENAME [MESSAGE] [options]
// Partner: alg8-6-shmconsumer, or any program that maps the object; started by alg8-4-shmpthreadcon, or by hand
// Slides:  Algorithm 8-5, shmproducer.c; Producer-Consumer Problem with Shared-memory

using System.CommandLine;
using Algorithms;
using Algorithms.Linux;
using Algorithms.Options;
using Algorithms.Session;
using Algorithms.Trace;
using static System.Buffers.Binary.BinaryPrimitives;
using static System.Runtime.CompilerServices.Unsafe;
using static Algorithms.Calls;
using static Algorithms.Console.Stdio;
using static Algorithms.ShmData;
using static Mono.Unix.Native.MmapFlags;
using static Mono.Unix.Native.MmapProts;
using static Mono.Unix.Native.OpenFlags;

Argument<string> filenameArgument = CommandLine.ObjectName();
Argument<string> messageArgument = CommandLine.Message("Hello World!", most: (TEXT_NUM * SizeOf<shared_struct>()) - 1);

Option<bool> raceOption = new("--race") { Description = "With --items: share `in` with another producer, without mutual exclusion" };
BufferOptions bufferOptions = new();

Command root = new("alg8-5-shmproducer", "POSIX shared memory, the producer: puts one message into the object, or items into its bounded buffer [8-5]")
{
    filenameArgument, messageArgument, raceOption,
};
bufferOptions.AddTo(root);
bufferOptions.AddFirstTo(root);
CommandLine.Needs(root, raceOption, bufferOptions.Items);
root.SetAction(Run);
return Traced.Invoke("producer", root, args);

int Run(ParseResult options)
{
    // [8-5] open and map the object
    string filename = options.GetValue(filenameArgument)!;
    using ShmObject fd = shm_open(filename, O_RDWR, MODE_0666);
    if (fd.IsInvalid)
        throw Hints.ShmOpen(new ErrExit("producer: shm_open()"), filename);

    if (bufferOptions.AreGiven(options))
        return ProduceItems(options, filename, fd);

    byte[] message_0 = CommandLine.BytesOf(options.GetValue(messageArgument)!);
    int shmsize = TEXT_NUM * SizeOf<shared_struct>();
    long length = Hints.MappableBytes(ObjectInfo.Of(filename, fd), needed: message_0.Length + 1, most: shmsize); // the slide maps more than there is
    using ObjectPeer consumer = new("consumer", filename, fd);
    using Mapping shmptr = mmap(0, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (shmptr.IsInvalid)
        throw new ErrExit("producer: mmap()");

    // The consumer waits for the first byte: it is stored last, when the rest is there, and the line printed that
    // stands above the consumer's on the slide.
    Span<byte> text = shmptr.Bytes;
    Volatile.Write(ref text[0], 0);
    Interlocked.MemoryBarrier(); // no byte of this message is stored before an earlier one is taken back
    message_0.AsSpan(1).CopyTo(text[1..]);
    text[message_0.Length] = 0;
    printf($"produced message: {message_0}\n");
    Volatile.Write(ref text[0], message_0[0]);
    Controller.Ready();
    return EXIT_SUCCESS;
}

int ProduceItems(ParseResult options, string filename, ShmObject fd)
{
    using ObjectPeer consumer = new("consumer", filename, fd);
    using Mapping shmptr = mmap(0, ObjectInfo.Of(filename, fd).Size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (shmptr.IsInvalid)
        throw new ErrExit("producer: mmap()");

    bool race = options.GetValue(raceOption);
    BufferProducer buffer = new(shmptr, bufferOptions.WaitingFrom(options), consumer, shared: race);
    bufferOptions.Check(options, buffer);
    if (options.GetValue(bufferOptions.Stream))
        ProduceStream(buffer);
    else
        ProduceNumbers(buffer, options.GetValue(bufferOptions.First) ?? 1, options.GetValue(bufferOptions.Items)!.Value, options.GetValue(bufferOptions.Quiet));

    if (!race) // the end, in order; two producers leave it to the controller
    {
        _ = buffer.NextProduced();
        buffer.Put(0);
    }

    return EXIT_SUCCESS;
}

// [Producer] produce an item saved in next_produced
static void ProduceNumbers(BufferProducer buffer, long first, long items, bool quiet)
{
    long end = first + items; // 2^63 at most, which is no long: then it wraps around, as the number after the last one does
    for (long number = first; number != end; number++)
    {
        Span<byte> next_produced = buffer.NextProduced(); // while (((in + 1) % BUFFER_SIZE) == out) ;
        WriteInt64LittleEndian(next_produced, number);
        if (!quiet)
            printf($"produced item: {number}\n");
        buffer.Put(sizeof(long)); // in = (in + 1) % BUFFER_SIZE
    }
}

// The same, its items read from standard input straight into the buffer.
static void ProduceStream(BufferProducer buffer)
{
    while (true)
    {
        int length = read(buffer.NextProduced(), buffer);
        if (length == 0)
            break;
        buffer.Put(length);
    }
}
