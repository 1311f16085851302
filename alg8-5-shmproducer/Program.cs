// Algorithm 8-5, shmproducer: the POSIX producer.
// Puts one message at byte 0 of an object in /dev/shm.
// Usage:   alg8-5-shmproducer FILENAME [MESSAGE]
// Partner: alg8-6-shmconsumer, or any program that maps the object; started by alg8-4-shmpthreadcon, or by hand
// Slide:   Algorithm 8-5, shmproducer.c

using System.CommandLine;
using Algorithms;
using static System.Runtime.CompilerServices.Unsafe;
using static Algorithms.Mapping;
using static Algorithms.ShmData;
using static Algorithms.ShmObject;
using static Algorithms.Stdio;
using static Mono.Unix.Native.MmapFlags;
using static Mono.Unix.Native.MmapProts;
using static Mono.Unix.Native.OpenFlags;

Argument<string> filenameArgument = CommandLine.ObjectName();
Argument<string> messageArgument = CommandLine.Message("Hello World!", most: (TEXT_NUM * SizeOf<shared_struct>()) - 1);

Command root = new("alg8-5-shmproducer", "POSIX shared memory, the producer: puts one message into the object [8-5]")
{
    filenameArgument, messageArgument,
};
root.SetAction(Run);
return Stage.Invoke("producer", root, args);

int Run(ParseResult options)
{
    // [8-5] open and map the object
    string filename = options.GetValue(filenameArgument)!;
    byte[] message_0 = CommandLine.BytesOf(options.GetValue(messageArgument)!);

    using ShmObject fd = shm_open(filename, O_RDWR, MODE_0666);
    if (fd.IsInvalid)
        throw new ErrExit("producer: shm_open()");

    int shmsize = TEXT_NUM * SizeOf<shared_struct>();
    int length = ObjectInfo.Of(filename, fd).MappableBytes(needed: message_0.Length + 1, most: shmsize); // the slide maps more than there is
    using ObjectPeer consumer = new("consumer", filename, fd);
    using Mapping shmptr = mmap(0, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (shmptr.IsInvalid)
        throw new ErrExit("producer: mmap()");

    // The consumer waits for the first byte: it is stored last, when the rest is there, and the line printed that
    // stands above the consumer's on the slide.
    Span<byte> text = shmptr.Bytes;
    Volatile.Write(ref text[0], 0);
    message_0.AsSpan(1).CopyTo(text[1..]);
    text[message_0.Length] = 0;
    printf($"produced message: {message_0}\n");
    Volatile.Write(ref text[0], message_0[0]);
    Controller.Ready();
    return EXIT_SUCCESS;
}
