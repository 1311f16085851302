// Algorithm 8-1, shmcon: the System V controller.
// Makes a segment from a path, starts the reader (8-2) and the writer (8-3) with its key, waits, removes it.
// Usage:   alg8-1-shmcon PATHNAME [options]
// Partner: alg8-2-shmread and alg8-3-shmwrite, or C programs that take the key as %x in argv[1]
// Slides:  Algorithm 8-1, shmcon.c (1) to (4)

using System.CommandLine;
using Algorithms;
using Algorithms.Linux;
using Algorithms.Options;
using Algorithms.Session;
using Algorithms.Trace;
using Mono.Unix.Native;
using static System.Runtime.CompilerServices.Unsafe;
using static Algorithms.Calls;
using static Algorithms.Console.Stdio;
using static Algorithms.LibC;
using static Algorithms.ShmData;

Argument<string> pathnameArgument = new("PATHNAME") { Description = "The file from which ftok makes the key; created if it is missing" };
Option<int?> projIdOption = CommandLine.ProjId();
Option<int?> modeOption = CommandLine.Mode();
Option<string> readerOption = CommandLine.Child("--reader", "alg8-2-shmread");
Option<string> writerOption = CommandLine.Child("--writer", "alg8-3-shmwrite");
Option<int?> bufferSizeOption = BufferOptions.Size("places of a queue, one of which stays free, in the place of the single slot");
Option<int> readerDelayOption = CommandLine.Delay("--reader-delay");
Option<int> writerDelayOption = CommandLine.Delay("--writer-delay");
WaitingOptions waiting = new("sleep, as on the slide; futex with --buffer-size");

Command root = new("alg8-1-shmcon", "System V shared memory, the controller: starts a reader and a writer on one segment [8-1]")
{
    pathnameArgument, projIdOption, modeOption, readerOption, writerOption, bufferSizeOption, readerDelayOption, writerDelayOption,
};
waiting.AddTo(root);
root.SetAction(Run);
return Traced.Invoke("shmcon", root, args);

int Run(ParseResult options)
{
    // [8-1.1] the file
    int? bufferSize = options.GetValue(bufferSizeOption); // null: the slide's single slot
    long shmsize = bufferSize is { } n ? BoundedBuffer.SizeOf(n, TEXT_SIZE) : TEXT_NUM * SizeOf<shared_struct>();
    printf($"max record number = {bufferSize ?? TEXT_NUM}, shm size = {shmsize}\n");

    string pathname = options.GetValue(pathnameArgument)!;
    if (stat(pathname, out Stat _) == -1)
    {
        int ret = creat(pathname, MODE_0644); // the slide's O_RDWR is not a mode
        if (ret == -1)
            throw Hints.Creat(new ErrExit("creat()"), pathname);
        _ = Syscall.close(ret);
        printf("shared file object created\n");
    }

    // [8-1.2] the key and the segment
    int key = ftok(pathname, options.GetValue(projIdOption) ?? PROJ_ID);
    if (key == -1)
        throw new ErrExit("shmcon: ftok()");
    printf($"key generated: IPC key = {key:x}\n");

    int shmflg = (options.GetValue(modeOption) ?? MODE_0666) | PERM | IPC_EXCL; // the slide has no IPC_EXCL: it takes what others use
    int shmid = shmget(key, (nint)shmsize, shmflg);
    if (shmid == -1)
        shmid = Leftover.TakeOverSegment(key, (nint)shmsize, shmflg, orElse: new ErrExit("shmcon: shmget()"));
    using IDisposable removal = Leftover.RemoveSegment(shmid);
    printf($"shmcon: shmid = {shmid}\n");

    using Segment shmptr = shmat(shmid, 0, 0);
    if (shmptr.IsInvalid)
        throw new ErrExit("shmcon: shmat()");
    printf($"shmcon: shared Memory attached at 0x{shmptr.Address:x}\n");

    if (bufferSize is { } size)
        BoundedBuffer.Initialize(shmptr, size, TEXT_SIZE);
    else
        shmptr.As<shared_struct>().written = 0;
    printf($"\n----- Shared Memory Segments ----- \n{Ipcs.Row(shmid)}");

    // [8-1.3] detach, and start the children
    if (shmdt(shmptr) == -1)
        throw new ErrExit("shmcon: shmdt()");
    printf($"\n----- Shared Memory Segments ----- \n{Ipcs.Row(shmid)}");
    Leftover.ThrowIfRemoved(shmid); // else the children's IPC_CREAT would make others

    string key_str = $"{key:x}";
    string[] argv1 =
    [
        key_str,
        .. CommandLine.IfGiven("--buffer-size", bufferSize),
        .. waiting.ArgumentsFrom(options, usual: bufferSize is null ? WaitStrategy.Sleep : WaitStrategy.Futex),
    ];
    using Children children = new(SessionMemory.OfSegment(key, shmid, bufferSize));
    children.SpawnFirst(options.GetValue(readerOption)!, pid => ProcFs.IsAsleep(pid) && SegmentInfo.Of(shmid)?.IsInUse() == true,
        [.. argv1, .. CommandLine.IfGiven("--delay", options.GetValue(readerDelayOption))]);
    children.Spawn(options.GetValue(writerOption)!, [.. argv1, .. CommandLine.IfGiven("--delay", options.GetValue(writerDelayOption))]);

    // [8-1.4] wait, and remove the segment
    children.Wait();
    if (shmctl(shmid, IPC_RMID, 0) == -1)
        throw new ErrExit("shmcon: shmctl(IPC_RMID)");
    printf($"shmcon: shmid = {shmid} removed \n\n----- Shared Memory Segments ----- \n{Ipcs.Row(shmid)}nothing found ... \n");
    return EXIT_SUCCESS;
}
