// Algorithm 8-2, shmread: the System V reader.
// Prints each message that a writer (8-3) leaves in the segment, until one that begins with `end`.
// Usage:   alg8-2-shmread KEY [options]
// Partner: alg8-3-shmwrite, or any program that keeps to shared_struct; started by alg8-1-shmcon, or by hand
// Slides:  Algorithm 8-2, shmread.c (1) and (2)

using System.CommandLine;
using Algorithms;
using Algorithms.Options;
using Algorithms.Session;
using Algorithms.Trace;
using static System.Runtime.CompilerServices.Unsafe;
using static Algorithms.Calls;
using static Algorithms.Console.Stdio;
using static Algorithms.ShmData;

Argument<int> keyArgument = CommandLine.Key();
Option<int?> bufferSizeOption = BufferOptions.Size("places of the queue, where the segment is not the slide's single slot");
Option<int> delayOption = CommandLine.Delay("--delay");
WaitingOptions waitingOptions = new("sleep, as on the slide; futex with a queue");

Command root = new("alg8-2-shmread", "System V shared memory, the reader: prints what a writer leaves in the segment [8-2]")
{
    keyArgument, bufferSizeOption, delayOption,
};
waitingOptions.AddTo(root);
root.SetAction(Run);
return Traced.Invoke("shmread", root, args);

int Run(ParseResult options)
{
    // [8-2.1] find the segment, and attach it
    int key = options.GetValue(keyArgument);
    printf($"{" ",30}shmread: IPC key = {key:x}\n");

    int? bufferSize = options.GetValue(bufferSizeOption);
    nint shmsize = bufferSize is { } n ? (nint)BoundedBuffer.SizeOf(n, TEXT_SIZE) : TEXT_NUM * SizeOf<shared_struct>();
    int shmid = shmget(key, shmsize, MODE_0666 | PERM);
    if (shmid == -1)
        throw Hints.Shmget(new ErrExit("shread: shmget()"), key, shmsize);

    using SegmentPeer writer = new("writer", shmid);
    using Segment shmptr = shmat(shmid, 0, 0);
    if (shmptr.IsInvalid)
        throw new ErrExit("shread: shmat()");
    printf($"{" ",30}shmread: shmid = {shmid}\n" +
        $"{" ",30}shmread: shared memory attached at 0x{shmptr.Address:x}\n" +
        $"{" ",30}shmread process ready ...\n");
    Controller.Ready();

    // [8-2.2] read until `end`
    bufferSize ??= BoundedBuffer.SizeIn(shmptr);
    int delay = options.GetValue(delayOption);
    Waiting waiting = waitingOptions.From(options, usual: bufferSize is null ? WaitStrategy.Sleep : WaitStrategy.Futex);
    if (bufferSize is { } size)
        ReadQueue(shmptr, size, waiting, writer, delay);
    else
        ReadSlot(ref shmptr.As<shared_struct>(), waiting, writer, delay);

    if (shmdt(shmptr) == -1)
        throw new ErrExit("shmread: shmdt()");
    waiting.LastSleep(writer);
    return EXIT_SUCCESS;
}

// The slide's loop: one message at a time.
static void ReadSlot(ref shared_struct shared, Waiting waiting, SegmentPeer writer, int delay)
{
    Span<byte> copy = stackalloc byte[TEXT_SIZE];
    while (true)
    {
        waiting.While(ref shared.written, 0, writer, loss: "its next message"u8); // message not ready, waiting ...

        // Copied out before the slot is given back: from then on it is the writer's.
        ReadOnlySpan<byte> text = CString.Copy(shared.mtext, copy);
        printf($"{" ",30}You wrote: {text}\n");
        waiting.Store(ref shared.written, 0);
        if (text.StartsWith("end"u8))
            break;
        waiting.Pause(delay, ref shared.written, writer, new Awaited(ref shared.written, 0, "its next message"u8));
    }
}

// [Consumer] The lab's FIFO circular queue: as many messages as it has places, less one.
static void ReadQueue(Segment shmptr, int bufferSize, Waiting waiting, SegmentPeer writer, int delay)
{
    BoundedBuffer.InitializeIfNew(shmptr, bufferSize, TEXT_SIZE);
    BufferConsumer buffer = new(shmptr, waiting, writer) { OnWait = () => Notice("shmread: buffer empty, waiting ...") };
    while (true)
    {
        ReadOnlySpan<byte> next_consumed = buffer.NextConsumed(loss: "its next message"u8); // while (in == out) ;
        if (next_consumed.IsEmpty)
            break; // the end of the stream

        ReadOnlySpan<byte> text = CString.UpToNul(next_consumed);
        printf($"{" ",30}You wrote: {text}\n");
        bool isEnd = text.StartsWith("end"u8);
        buffer.Take(); // out = (out + 1) % BUFFER_SIZE
        if (isEnd)
            break;
        buffer.Sleep(delay);
    }
}
