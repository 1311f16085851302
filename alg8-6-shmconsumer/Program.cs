// Algorithm 8-6, shmconsumer: the POSIX consumer.
// Prints the message at byte 0 of an object in /dev/shm, once there is one; or takes what comes through its bounded buffer.
// Usage:   alg8-6-shmconsumer FILENAME [options]
// Partner: alg8-5-shmproducer, or any program that maps the object; started by alg8-4-shmpthreadcon, or by hand
// Slides:  Algorithm 8-6, shmconsumer.c; Producer-Consumer Problem with Shared-memory

using System.CommandLine;
using Algorithms;
using Algorithms.Linux;
using Algorithms.Options;
using Algorithms.Session;
using Algorithms.Trace;
using static System.Runtime.CompilerServices.Unsafe;
using static Algorithms.Calls;
using static Algorithms.Console.Stdio;
using static Algorithms.ShmData;
using static Mono.Unix.Native.MmapFlags;
using static Mono.Unix.Native.MmapProts;
using static Mono.Unix.Native.OpenFlags;

Argument<string> filenameArgument = CommandLine.ObjectName();
Option<bool> raceOption = new("--race")
{
    Description = "Do not wait for the message, as on the slide: it may not be there yet. With --items: two producers race",
};
Option<int> timeoutOption = CommandLine.Number("--timeout", "SECONDS", "How long to wait for the message", 10, least: 0, most: 86_400);

BufferOptions bufferOptions = new();

Command root = new("alg8-6-shmconsumer", "POSIX shared memory, the consumer: prints the message in the object, or the items of its bounded buffer [8-6]")
{
    filenameArgument, raceOption, timeoutOption,
};
bufferOptions.AddTo(root);
root.SetAction(Run);
return Traced.Invoke("consumer", root, args);

int Run(ParseResult options)
{
    // [8-6] open and map the object
    string filename = options.GetValue(filenameArgument)!;
    bool isBuffer = bufferOptions.AreGiven(options);
    using ShmObject fd = shm_open(filename, isBuffer ? O_RDWR : O_RDONLY, MODE_0444);
    if (fd.IsInvalid)
        throw Hints.ShmOpen(new ErrExit("consumer: shm_open()"), filename);

    if (isBuffer)
        return ConsumeItems(options, filename, fd);

    int shmsize = TEXT_NUM * SizeOf<shared_struct>();
    bool race = options.GetValue(raceOption); // the slide does not wait
    TimeSpan timeout = TimeSpan.FromSeconds(options.GetValue(timeoutOption));
    using ObjectPeer producer = new("producer", filename, fd);
    if (!race)
        producer.WaitForSize(timeout);
    long length = Hints.MappableBytes(ObjectInfo.Of(filename, fd), needed: 1, most: shmsize); // the slide maps more than there is
    using Mapping shmptr = mmap(0, length, PROT_READ, MAP_SHARED, fd, 0);
    if (shmptr.IsInvalid)
        throw new ErrExit("consumer: mmap()");

    Span<byte> copy = stackalloc byte[shmsize];
    ReadOnlySpan<byte> message = race ? CString.Copy(shmptr.Bytes, copy) : producer.WaitForMessage(shmptr, copy, timeout);
    printf($"consumed message: {message}\n");
    return EXIT_SUCCESS;
}

int ConsumeItems(ParseResult options, string filename, ShmObject fd)
{
    bool race = options.GetValue(raceOption);
    using ObjectPeer producer = new("producer", filename, fd, orController: race);
    using Mapping shmptr = mmap(0, ObjectInfo.Of(filename, fd).Size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (shmptr.IsInvalid)
        throw new ErrExit("consumer: mmap()");

    BufferConsumer buffer = new(shmptr, bufferOptions.WaitingFrom(options), producer);
    bufferOptions.Check(options, buffer);
    if (options.GetValue(bufferOptions.Stream))
        return ConsumeStream(buffer, options.GetValue(bufferOptions.Stats));

    ItemTally tally = new(options.GetValue(bufferOptions.Items)!.Value, race);
    ConsumeNumbers(buffer, tally, race, options.GetValue(bufferOptions.Quiet));
    printf(tally.Summary);
    return tally.IsComplete || race ? EXIT_SUCCESS : EXIT_FAILURE;
}

// [Consumer] consume the item in next_consumed
static void ConsumeNumbers(BufferConsumer buffer, ItemTally tally, bool race, bool quiet)
{
    _ = buffer.NextConsumed(loss: "its first item"u8);
    tally.Start(); // it is there

    long count = 0, checksum = 0, expected = tally.Expected; // locals: each store to memory would slow down that of `out`
    while (true)
    {
        ReadOnlySpan<byte> next_consumed = buffer.NextConsumed(loss: "its next item"u8); // while (in == out) ;
        if (next_consumed.IsEmpty)
        {
            if (!race || buffer.Count == 1)
                break;
            buffer.Take(); // no end, but a place that nobody has filled yet: `in` has gone back in the race
            continue;
        }

        long number = ItemTally.NumberIn(next_consumed);
        buffer.Take(); // out = (out + 1) % BUFFER_SIZE
        if (!quiet)
            printf($"consumed item: {number}\n");

        count++;
        checksum += number;
        expected = number == expected ? number + 1 : tally.CountOdd(number);
    }

    tally.Stop(count, checksum);
}

// The same, its items written to standard output straight out of the buffer.
static int ConsumeStream(BufferConsumer buffer, bool stats)
{
    StreamTally tally = new();
    while (true)
    {
        ReadOnlySpan<byte> next_consumed = buffer.NextConsumed(loss: "the rest of the stream"u8);
        if (next_consumed.IsEmpty)
            break;
        write(next_consumed);
        tally.Count(next_consumed.Length);
        buffer.Take();
    }

    if (stats)
        Notice(tally.Summary);
    return EXIT_SUCCESS;
}
