using Algorithms.Tests.Harness;
using Mono.Unix.Native;

namespace Algorithms.Tests.Failures;

/// <summary>
/// What a peer stores is never trusted: random bytes in `written`, in `mtext`, in `in`, `out` and `length` end in text,
/// or in a clear error; no access leaves the memory, and no program crashes.
/// </summary>
public sealed class HostilePeerTests : FaultTest
{
    [Theory(Timeout = Limit)]
    [InlineData(0)]
    [InlineData(10)]
    public async Task Reader_and_writer_survive_a_segment_full_of_random_bytes(int bufferSize)
    {
        int size = bufferSize == 0 ? SegmentEntry.LectureSize : 192 + (bufferSize * 4160);
        SegmentEntry segment = await NewSegment(size);
        string[] options =
            ["--wait", "spin", .. bufferSize == 0 ? Array.Empty<string>() : ["--buffer-size", $"{bufferSize}"]];
        string input = string.Concat(Enumerable.Repeat("Hello World!\n", 200));

        await Often(4, async _ =>
        {
            RunningProgram hostile =
                Start(await Peers.C("scribble"), ["shm", segment.Hex, $"{size}", $"{Random.Next()}"]);
            await hostile.Shows("attached\n");

            RunningProgram reading = Start(Alg8.Shmread, [segment.Hex, .. options]);
            Finished written = await Run(Alg8.Shmwrite, [segment.Hex, .. options], input);
            Send(reading.Id, Signum.SIGTERM);
            Finished read = await reading.IsGone();
            await hostile.Ends();

            Assert.All([read, written], run =>
            {
                NoCrash(run);
                Assert.True(run.Status is 0 or 1 or 143, $"exit status {run.Status}");
            });
        });
    }

    [Theory(Timeout = Limit)]
    [InlineData("alg8-6-shmconsumer", "--items=1000000")]
    [InlineData("alg8-6-shmconsumer", "--stream")]
    [InlineData("alg8-5-shmproducer", "--items=1000000")]
    [InlineData("alg8-5-shmproducer", "--stream")]
    public async Task Producer_and_consumer_survive_a_buffer_full_of_random_bytes(string program, string option)
    {
        await Often(4, async _ =>
        {
            byte[] bytes = new byte[192 + (10 * 4160)];
            BitConverter.TryWriteBytes(bytes.AsSpan(128), 10);
            BitConverter.TryWriteBytes(bytes.AsSpan(132), 4096);
            string name = NewObject(bytes);
            RunningProgram hostile =
                Start(await Peers.C("scribble"), ["file", ObjectPath(name), $"{bytes.Length}", $"{Random.Next()}"]);
            await hostile.Shows("attached\n");

            string[] quiet = option == "--stream" ? [] : ["--quiet"];
            Finished run = await Run(
                Path.Combine(Repository.Bin, program), [name, option, "--wait", "spin", .. quiet], "some bytes");
            await hostile.Ends();

            NoCrash(run);
            Assert.True(run.Status is 0 or 1, $"exit status {run.Status}");
        });
    }

    /// <summary>
    /// Headers of a bounded buffer that cannot be: in, out, buffer_size, text_size; and what is wrong.
    /// </summary>
    public static TheoryData<int, int, int, int, string> Headers { get; } = new()
    {
        { 10, 0, 10, 8, "in = 10, in a buffer of 10" },
        { -1, 0, 10, 8, "in = -1, in a buffer of 10" },
        { 0, 10, 10, 8, "out = 10, in a buffer of 10" },
        { 0, int.MinValue, 10, 8, "out = -2147483648, in a buffer of 10" },
        { 0, 0, 0, 8, "no bounded buffer: buffer_size 0, text_size 8, in 832 bytes" },
        { 0, 0, 1, 8, "no bounded buffer: buffer_size 1, text_size 8, in 832 bytes" },
        { 0, 0, -10, 8, "no bounded buffer: buffer_size -10, text_size 8, in 832 bytes" },
        { 0, 0, 11, 8, "no bounded buffer: buffer_size 11, text_size 8, in 832 bytes" },
        { 0, 0, int.MaxValue, 8, "no bounded buffer: buffer_size 2147483647, text_size 8, in 832 bytes" },
        { 0, 0, 10, 0, "no bounded buffer: buffer_size 10, text_size 0, in 832 bytes" },
        { 0, 0, 10, -8, "no bounded buffer: buffer_size 10, text_size -8, in 832 bytes" },
        { 0, 0, 10, int.MaxValue, "no bounded buffer: buffer_size 10, text_size 2147483647, in 832 bytes" },
        { 0, 0, 10, 61, "no bounded buffer: buffer_size 10, text_size 61, in 832 bytes" },
    };

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Headers))]
    public async Task A_header_that_cannot_be_is_a_clear_error(
        int @in, int @out, int bufferSize, int textSize, string wrong)
    {
        byte[] bytes = new byte[192 + (10 * 64)];
        BitConverter.TryWriteBytes(bytes.AsSpan(0), @in);
        BitConverter.TryWriteBytes(bytes.AsSpan(64), @out);
        BitConverter.TryWriteBytes(bytes.AsSpan(128), bufferSize);
        BitConverter.TryWriteBytes(bytes.AsSpan(132), textSize);
        string name = NewObject(bytes);

        (await Run(Alg8.Shmproducer, [name, "--items", "5", "--quiet"])).FailedAtOnce($"producer: {wrong}");
        (await Run(Alg8.Shmconsumer, [name, "--items", "5", "--quiet"])).FailedAtOnce($"consumer: {wrong}");
    }

    [Theory(Timeout = Limit)]
    [InlineData(-1)]
    [InlineData(9)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public async Task A_length_that_cannot_be_is_a_clear_error(int length)
    {
        byte[] bytes = new byte[192 + (10 * 64)];
        BitConverter.TryWriteBytes(bytes.AsSpan(0), 1);
        BitConverter.TryWriteBytes(bytes.AsSpan(128), 10);
        BitConverter.TryWriteBytes(bytes.AsSpan(132), 8);
        BitConverter.TryWriteBytes(bytes.AsSpan(192), length);
        string name = NewObject(bytes);

        Finished run = await Run(Alg8.Shmconsumer, [name, "--items", "5", "--quiet"]);

        run.FailedAtOnce($"consumer: an item of {length} bytes, in a buffer for 8: somebody else has written there\n");
    }
}
