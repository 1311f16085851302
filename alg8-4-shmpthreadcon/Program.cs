// Algorithm 8-4, shmpthreadcon: the POSIX controller.
// Makes an object in /dev/shm, starts the producer (8-5) and the consumer (8-6) with its name, waits, unlinks it.
// Usage:   alg8-4-shmpthreadcon FILENAME [options]
// Partner: alg8-5-shmproducer and alg8-6-shmconsumer, or C programs that take the name in argv[1]
// Slides:  Algorithm 8-4, shmpthreadcon.c (1) and (2)

using System.CommandLine;
using Algorithms;
using Mono.Unix.Native;
using static System.Runtime.CompilerServices.Unsafe;
using static Algorithms.Children;
using static Algorithms.LibC;
using static Algorithms.ShmData;
using static Algorithms.ShmObject;
using static Mono.Unix.Native.OpenFlags;
using static Mono.Unix.Native.Syscall;

Argument<string> filenameArgument = CommandLine.ObjectName();
Option<int?> modeOption = CommandLine.Mode();
Option<string> producerOption = CommandLine.Child("--producer", "alg8-5-shmproducer");
Option<string> consumerOption = CommandLine.Child("--consumer", "alg8-6-shmconsumer");

Command root = new("alg8-4-shmpthreadcon", "POSIX shared memory, the controller: starts a producer and a consumer on one object [8-4]")
{
    filenameArgument, modeOption, producerOption, consumerOption,
};
root.SetAction(Run);
return Stage.Invoke("con", root, args);

int Run(ParseResult options)
{
    // [8-4.1] the object and its size
    string filename = options.GetValue(filenameArgument)!;
    int shmsize = TEXT_NUM * SizeOf<shared_struct>();
    int mode = options.GetValue(modeOption) ?? MODE_0666;

    // The slide has no O_EXCL: it takes what others use.
    ShmObject opened = shm_open(filename, O_CREAT | O_EXCL | O_RDWR, mode);
    using ShmObject fd = !opened.IsInvalid ? opened : Leftover.TakeOverObject(filename, shmsize, mode, orElse: new ErrExit("con: shm_open()"));
    using IDisposable removal = Leftover.UnlinkObject(filename, fd);
    _ = system("ls", "-l", "/dev/shm/");

    Errno full = (Errno)posix_fallocate(fd.Fd, 0, (ulong)shmsize); // ftruncate alone reserves nothing
    if (full != 0)
        throw new ErrExit("con: posix_fallocate()", full);
    if (ftruncate(fd.Fd, shmsize) == -1)
        throw new ErrExit("con: ftruncate()");

    // [8-4.2] start the children, wait, and unlink the object
    using Children children = new();
    string producer = options.GetValue(producerOption)!;
    if (options.GetResult(consumerOption) is { Implicit: false })
        children.SpawnFirst(producer, _ => fd.HasMessage(), filename); // another consumer may not wait, as the slide's does not
    else
        children.Spawn(producer, filename);
    children.Spawn(options.GetValue(consumerOption)!, filename);

    children.Wait();
    Leftover.ThrowIfReplaced(filename, fd);
    if (shm_unlink(filename) == -1)
        throw new ErrExit("con: shm_unlink()");
    _ = system("ls", "-l", "/dev/shm/");
    return EXIT_SUCCESS;
}
