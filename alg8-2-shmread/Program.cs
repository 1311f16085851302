// Algorithm 8-2, shmread: the System V reader.
// Prints each message that a writer (8-3) leaves in the segment, until one that begins with `end`.
// Usage:   alg8-2-shmread KEY [options]
// Partner: alg8-3-shmwrite, or any program that keeps to shared_struct; started by alg8-1-shmcon, or by hand
// Slides:  Algorithm 8-2, shmread.c (1) and (2)

using System.CommandLine;
using Algorithms;
using static System.Runtime.CompilerServices.Unsafe;
using static Algorithms.LibC;
using static Algorithms.Segment;
using static Algorithms.ShmData;
using static Algorithms.Stdio;

Argument<int> keyArgument = CommandLine.Key();
WaitingOptions waitingOptions = new();

Command root = new("alg8-2-shmread", "System V shared memory, the reader: prints what a writer leaves in the segment [8-2]")
{
    keyArgument, waitingOptions.Wait, waitingOptions.Interval,
};
root.SetAction(Run);
return Stage.Invoke("shmread", root, args);

int Run(ParseResult options)
{
    // [8-2.1] find the segment, and attach it
    int key = options.GetValue(keyArgument);
    printf($"{" ",30}shmread: IPC key = {key:x}\n");

    int shmsize = TEXT_NUM * SizeOf<shared_struct>();
    int shmid = shmget(key, shmsize, MODE_0666 | PERM);
    if (shmid == -1)
        throw Hint.Shmget(new ErrExit("shread: shmget()"), key, shmsize);

    using SegmentPeer writer = new("writer", shmid);
    using Segment shmptr = shmat(shmid, 0, 0);
    if (shmptr.IsInvalid)
        throw new ErrExit("shread: shmat()");
    printf($"{" ",30}shmread: shmid = {shmid}\n" +
        $"{" ",30}shmread: shared memory attached at 0x{shmptr.Address:x}\n" +
        $"{" ",30}shmread process ready ...\n");
    Controller.Ready();

    // [8-2.2] read until `end`
    ref shared_struct shared = ref shmptr.As<shared_struct>();
    Waiting waiting = waitingOptions.From(options);
    Span<byte> text = stackalloc byte[TEXT_SIZE];
    while (true)
    {
        waiting.While(ref shared.written, 0, writer, loss: "its next message"u8); // message not ready, waiting ...

        // Copied out before the slot is given back: from then on it is the writer's.
        ReadOnlySpan<byte> message = CString.Copy(shared.mtext, text);
        printf($"{" ",30}You wrote: {message}\n");
        waiting.Store(ref shared.written, 0);
        if (message.StartsWith("end"u8))
            break;
    }

    if (shmdt(shmptr) == -1)
        throw new ErrExit("shmread: shmdt()");
    waiting.LastSleep();
    return EXIT_SUCCESS;
}
