// Algorithm 8-3, shmwrite: the System V writer.
// Leaves each line of standard input in the segment for a reader (8-2), until one that begins with `end`.
// Usage:   alg8-3-shmwrite KEY [options]
// Partner: alg8-2-shmread, or any program that keeps to shared_struct; started by alg8-1-shmcon, or by hand
// Slides:  Algorithm 8-3, shmwrite.c (1) and (2)

using System.CommandLine;
using Algorithms;
using Algorithms.Console;
using Algorithms.Options;
using Algorithms.Session;
using Algorithms.Trace;
using static System.Runtime.CompilerServices.Unsafe;
using static Algorithms.Calls;
using static Algorithms.Console.Stdio;
using static Algorithms.CString;
using static Algorithms.ShmData;

Argument<int> keyArgument = CommandLine.Key();
Option<int?> bufferSizeOption = BufferOptions.Size("places of the queue, where the segment is not the slide's single slot");
Option<int> delayOption = CommandLine.Delay("--delay");
WaitingOptions waitingOptions = new("sleep, as on the slide; futex with a queue");

Command root = new("alg8-3-shmwrite", "System V shared memory, the writer: leaves lines of text in the segment for a reader [8-3]")
{
    keyArgument, bufferSizeOption, delayOption,
};
waitingOptions.AddTo(root);
root.SetAction(Run);
return Traced.Invoke("shmwrite", root, args);

int Run(ParseResult options)
{
    // [8-3.1] find the segment, and attach it
    int key = options.GetValue(keyArgument);
    printf($"shmwrite: IPC key = {key:x}\n");

    int? bufferSize = options.GetValue(bufferSizeOption);
    nint shmsize = bufferSize is { } n ? (nint)BoundedBuffer.SizeOf(n, TEXT_SIZE) : TEXT_NUM * SizeOf<shared_struct>();
    int shmid = shmget(key, shmsize, MODE_0666 | PERM);
    if (shmid == -1)
        throw Hints.Shmget(new ErrExit("shmwrite: shmget()"), key, shmsize);

    using SegmentPeer reader = new("reader", shmid);
    using Segment shmptr = shmat(shmid, 0, 0);
    if (shmptr.IsInvalid)
        throw new ErrExit("shmwrite: shmat()");
    printf($"shmwrite: shmid = {shmid}\n" +
        $"shmwrite: shared memory attached at 0x{shmptr.Address:x}\n" +
        $"shmwrite precess ready ...\n"); // sic
    Controller.Ready();

    // [8-3.2] write until `end`
    bufferSize ??= BoundedBuffer.SizeIn(shmptr);
    int delay = options.GetValue(delayOption);
    Waiting waiting = waitingOptions.From(options, usual: bufferSize is null ? WaitStrategy.Sleep : WaitStrategy.Futex);
    if (bufferSize is { } size)
        WriteQueue(shmptr, size, waiting, reader, delay);
    else
        WriteSlot(ref shmptr.As<shared_struct>(), waiting, reader, delay);

    if (shmdt(shmptr) == -1)
        throw new ErrExit("shmwrite: shmdt()");
    waiting.LastSleep(reader);
    return EXIT_SUCCESS;
}

// The slide's loop: one message at a time.
static void WriteSlot(ref shared_struct shared, Waiting waiting, SegmentPeer reader, int delay)
{
    using LineInput stdin = new(reader, most: TEXT_SIZE - 1);
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
        waiting.Pause(delay, ref shared.written, reader, new Awaited(ref shared.written, 1, buffer) { InAnyCase = true });
    }

    waiting.Wake(ref shared.written); // a reader that still sleeps
}

// [Producer] The lab's FIFO circular queue: as many messages as it has places, less one.
static void WriteQueue(Segment shmptr, int bufferSize, Waiting waiting, SegmentPeer reader, int delay)
{
    BoundedBuffer.InitializeIfNew(shmptr, bufferSize, TEXT_SIZE);
    BufferProducer buffer = new(shmptr, waiting, reader) { OnWait = () => Notice("shmwrite: buffer full, waiting ...") };
    using LineInput stdin = new(buffer, most: TEXT_SIZE - 1);
    while (true)
    {
        Span<byte> next_produced = buffer.NextProduced(loss: "what is in the buffer"u8); // while (((in + 1) % BUFFER_SIZE) == out) ;

        printf("Enter some text: ");
        if (!stdin.TryRead(out ReadOnlySpan<byte> text))
            text = "end\n"u8;

        strncpy(next_produced, text, TEXT_SIZE);
        printf($"shared buffer: {text}\n");
        buffer.Put(Math.Max(text.Length, 1)); // in = (in + 1) % BUFFER_SIZE; an empty text is its NUL: 0 would end the stream
        if (text.StartsWith("end"u8))
            break;
        buffer.Sleep(delay);
    }

    buffer.Wake(); // a reader that still sleeps
}
