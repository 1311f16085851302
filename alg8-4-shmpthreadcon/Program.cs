// Algorithm 8-4, shmpthreadcon: the POSIX controller.
// Makes an object in /dev/shm, starts the producer (8-5) and the consumer (8-6) with its name, waits, unlinks it.
// Usage:   alg8-4-shmpthreadcon FILENAME [options]
// Partner: alg8-5-shmproducer and alg8-6-shmconsumer, or C programs that take the name in argv[1]
// Slides:  Algorithm 8-4, shmpthreadcon.c (1) and (2)

using System.CommandLine;
using Algorithms;
using Algorithms.Linux;
using Algorithms.Options;
using Algorithms.Session;
using Algorithms.Trace;
using Mono.Unix.Native;
using static System.Runtime.CompilerServices.Unsafe;
using static Algorithms.Calls;
using static Algorithms.Session.Children;
using static Algorithms.ShmData;
using static Mono.Unix.Native.MmapFlags;
using static Mono.Unix.Native.MmapProts;
using static Mono.Unix.Native.OpenFlags;

Argument<string> filenameArgument = CommandLine.ObjectName();
Option<int?> modeOption = CommandLine.Mode();
Option<string> producerOption = CommandLine.Child("--producer", "alg8-5-shmproducer");
Option<string> consumerOption = CommandLine.Child("--consumer", "alg8-6-shmconsumer");

Option<bool> raceOption = new("--race") { Description = "With --items: two producers share `in` without mutual exclusion; see what is lost" };
BufferOptions buffer = new();

Command root = new("alg8-4-shmpthreadcon", "POSIX shared memory, the controller: starts a producer and a consumer on one object [8-4]")
{
    filenameArgument, modeOption, producerOption, consumerOption, raceOption,
};
buffer.AddTo(root);
CommandLine.Needs(root, raceOption, buffer.Items);
root.SetAction(Run);
return Traced.Invoke("con", root, args);

int Run(ParseResult options)
{
    // [8-4.1] the object and its size
    string filename = options.GetValue(filenameArgument)!;
    bool isBuffer = buffer.AreGiven(options), isStream = options.GetValue(buffer.Stream);
    (int bufferSize, int textSize) = buffer.SizesFrom(options);
    long shmsize = isBuffer ? BoundedBuffer.SizeOf(bufferSize, textSize) : TEXT_NUM * SizeOf<shared_struct>();
    int mode = options.GetValue(modeOption) ?? MODE_0666;

    // The slide has no O_EXCL: it takes what others use.
    ShmObject opened = shm_open(filename, O_CREAT | O_EXCL | O_RDWR, mode);
    using ShmObject fd = !opened.IsInvalid ? opened : Leftover.TakeOverObject(filename, shmsize, mode, orElse: new ErrExit("con: shm_open()"));
    using IDisposable removal = Leftover.UnlinkObject(filename, fd);
    if (!isStream) // its output is the data alone
        _ = system("ls", "-l", "/dev/shm/");

    Errno full = (Errno)posix_fallocate(fd, 0, shmsize); // ftruncate alone reserves nothing
    if (full != 0)
        throw Hints.Allocate(new ErrExit("con: posix_fallocate()", full), shmsize);
    if (ftruncate(fd, shmsize) == -1)
        throw new ErrExit("con: ftruncate()");
    Mark.PutOnObject(fd, shmsize); // behind its end: for `clean`, should all be killed

    // [8-4.2] start the children, wait, and unlink the object
    string producer = options.GetValue(producerOption)!, consumer = options.GetValue(consumerOption)!;
    using Children children = new(SessionMemory.OfObject(filename, fd, isBuffer ? (bufferSize, textSize) : null, options.GetValue(raceOption)));
    if (isBuffer)
    {
        using Mapping shmptr = mmap(0, shmsize, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (shmptr.IsInvalid)
            throw new ErrExit("con: mmap()");
        BoundedBuffer.Initialize(shmptr, bufferSize, textSize);
        SpawnOnBuffer(children, shmptr);
    }
    else if (options.GetResult(consumerOption) is { Implicit: false })
    {
        children.SpawnFirst(producer, _ => fd.HasMessage(), filename); // another consumer may not wait, as the slide's does not
        children.Spawn(consumer, filename);
    }
    else
    {
        children.Spawn(producer, filename);
        children.Spawn(consumer, filename);
    }

    children.Wait();
    Leftover.HoldName(filename, fd);
    if (shm_unlink(filename) == -1)
        throw new ErrExit("con: shm_unlink()");
    if (!isStream)
        _ = system("ls", "-l", "/dev/shm/");
    return EXIT_SUCCESS;

    void SpawnOnBuffer(Children children, Mapping shmptr)
    {
        long? items = options.GetValue(buffer.Items);
        if (!options.GetValue(raceOption))
        {
            string[] argv1 = [filename, .. buffer.ArgumentsFrom(options, items)];
            children.Spawn(producer, argv1);
            children.Spawn(consumer, argv1);
            return;
        }

        // [Producer] as the lecture warns: nothing keeps the two from storing the same `in`
        long half = items.GetValueOrDefault() / 2;
        children.Spawn(producer, [filename, .. buffer.ArgumentsFrom(options, half), "--race"]);
        children.Spawn(producer, [filename, .. buffer.ArgumentsFrom(options, items - half), "--race", "--first", $"{half + 1}"]);
        children.Spawn(consumer, [filename, .. buffer.ArgumentsFrom(options, items), "--race"]);
        if (!children.WaitForFirst(2))
            return;
        BufferProducer last = new(shmptr, buffer.WaitingFrom(options), children.LastAsPeer("consumer"));
        _ = last.NextProduced();
        last.Put(0); // the end: only when both are done
    }
}
