// Algorithm 8-6, shmconsumer: the POSIX consumer.
// Prints the message at byte 0 of an object in /dev/shm, once there is one.
// Usage:   alg8-6-shmconsumer FILENAME [options]
// Partner: alg8-5-shmproducer, or any program that maps the object; started by alg8-4-shmpthreadcon, or by hand
// Slide:   Algorithm 8-6, shmconsumer.c

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
Option<bool> raceOption = new("--race") { Description = "Do not wait for the message, as on the slide: it may not be there yet" };
Option<int> timeoutOption = CommandLine.Number("--timeout", "SECONDS", "How long to wait for the message", 10, least: 0, most: 86_400);

Command root = new("alg8-6-shmconsumer", "POSIX shared memory, the consumer: prints the message in the object [8-6]")
{
    filenameArgument, raceOption, timeoutOption,
};
root.SetAction(Run);
return Stage.Invoke("consumer", root, args);

int Run(ParseResult options)
{
    // [8-6] open and map the object
    string filename = options.GetValue(filenameArgument)!;
    using ShmObject fd = shm_open(filename, O_RDONLY, 0);
    if (fd.IsInvalid)
        throw new ErrExit("consumer: shm_open()");

    int shmsize = TEXT_NUM * SizeOf<shared_struct>();
    int length = ObjectInfo.Of(filename, fd).MappableBytes(needed: 1, most: shmsize); // the slide maps more than there is
    using ObjectPeer producer = new("producer", filename, fd);
    using Mapping shmptr = mmap(0, length, PROT_READ, MAP_SHARED, fd, 0);
    if (shmptr.IsInvalid)
        throw new ErrExit("consumer: mmap()");

    if (!options.GetValue(raceOption))
        producer.WaitForMessage(shmptr, TimeSpan.FromSeconds(options.GetValue(timeoutOption))); // the slide does not wait

    ReadOnlySpan<byte> message = CString.Copy(shmptr.Bytes, stackalloc byte[shmsize]);
    printf($"consumed message: {message}\n");
    return EXIT_SUCCESS;
}
