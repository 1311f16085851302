// Algorithm 8-3, shmwrite: the System V writer.
// Leaves each line of standard input in the segment for a reader (8-2), until one that begins with `end`.
// Usage:   alg8-3-shmwrite KEY [options]
// Partner: alg8-2-shmread, or any program that keeps to shared_struct; started by alg8-1-shmcon, or by hand
// Slides:  Algorithm 8-3, shmwrite.c (1) and (2)

using System.CommandLine;
using Algorithms;
using static System.Runtime.CompilerServices.Unsafe;
using static Algorithms.CString;
using static Algorithms.LibC;
using static Algorithms.Segment;
using static Algorithms.ShmData;
using static Algorithms.Stdio;

Argument<int> keyArgument = CommandLine.Key();
WaitingOptions waitingOptions = new();

Command root = new("alg8-3-shmwrite", "System V shared memory, the writer: leaves lines of text in the segment for a reader [8-3]")
{
    keyArgument, waitingOptions.Wait, waitingOptions.Interval,
};
root.SetAction(Run);
return Stage.Invoke("shmwrite", root, args);

int Run(ParseResult options)
{
    // [8-3.1] find the segment, and attach it
    int key = options.GetValue(keyArgument);
    printf($"shmwrite: IPC key = {key:x}\n");

    int shmsize = TEXT_NUM * SizeOf<shared_struct>();
    int shmid = shmget(key, shmsize, MODE_0666 | PERM);
    if (shmid == -1)
        throw Hint.Shmget(new ErrExit("shmwrite: shmget()"), key, shmsize);

    using SegmentPeer reader = new("reader", shmid);
    using Segment shmptr = shmat(shmid, 0, 0);
    if (shmptr.IsInvalid)
        throw new ErrExit("shmwrite: shmat()");
    printf($"shmwrite: shmid = {shmid}\n" +
        $"shmwrite: shared memory attached at 0x{shmptr.Address:x}\n" +
        $"shmwrite precess ready ...\n"); // sic
    Controller.Ready();

    // [8-3.2] write until `end`
    ref shared_struct shared = ref shmptr.As<shared_struct>();
    Waiting waiting = waitingOptions.From(options);
    LineInput stdin = new(reader, most: TEXT_SIZE - 1);
    ReadOnlySpan<byte> buffer = [];
    while (true)
    {
        waiting.Until(ref shared.written, 0, reader, loss: buffer); // message not read yet, waiting ...

        printf("Enter some text: ");
        if (!stdin.TryRead(out buffer))
            buffer = "end\n"u8; // the slide would send its last line for ever

        strncpy(shared.mtext, buffer, TEXT_SIZE);
        printf($"shared buffer: {buffer}\n");
        waiting.Store(ref shared.written, 1); // message prepared
        if (buffer.StartsWith("end"u8))
            break;
    }

    if (shmdt(shmptr) == -1)
        throw new ErrExit("shmwrite: shmdt()");
    waiting.LastSleep();
    return EXIT_SUCCESS;
}
