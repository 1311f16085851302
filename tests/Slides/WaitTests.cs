using Algorithms.Tests.Harness;

namespace Algorithms.Tests.Slides;

/// <summary>However a side waits for the other, the same words go through the same memory.</summary>
public sealed class WaitTests : SharedMemoryTest
{
    private static readonly string[] Texts = [.. Enumerable.Range(1, 20).Select(number => $"text {number}\n"), "end\n"];

    public static MatrixTheoryData<string, string> Strategies { get; } =
        new(["sleep", "spin", "futex"], ["sleep", "spin", "futex"]);

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Strategies))]
    public async Task Reader_and_writer_wait_each_in_its_own_way(string reader, string writer)
    {
        SegmentEntry segment = await NewSegment();
        RunningProgram reading = Start(Alg8.Shmread, [segment.Hex, "--wait", reader, "--interval", "5"]);
        RunningProgram writing = Start(Alg8.Shmwrite, [segment.Hex, "--wait", writer, "--interval", "5"]);
        await writing.Types(string.Concat(Texts));

        Finished written = await writing.Ends();
        Finished read = await reading.Ends();

        Assert.Equal(new Slide(segment.Key, written.Output).Writer(Texts), written.Output);
        Assert.Equal(new Slide(segment.Key, read.Output).Reader(Texts), read.Output);
        Assert.Equal((0, 0), (written.Status, read.Status));
    }

    [Theory(Timeout = Limit)]
    [InlineData("--wait", "sleep", "--interval", "5")]
    [InlineData("--wait", "spin")]
    [InlineData("--wait", "futex")]
    public async Task A_whole_session_waits_in_the_way_that_the_controller_is_told(params string[] options)
    {
        string path = NewFile();

        Finished run = await Run(Alg8.Shmcon, [path, .. options], string.Concat(Texts));

        run.Printed(new Slide(SegmentEntry.KeyOf(path), run.Output).Session(Texts));
    }

    [Fact(Timeout = Limit)]
    public async Task A_side_that_waits_for_futex_is_woken_by_the_other()
    {
        SegmentEntry segment = await NewSegment();
        string trace = NewPath();
        RunningProgram reading = Start(Alg8.Shmread, [segment.Hex, "--wait", "futex"]);
        await reading.Shows("shmread process ready ...");

        await Run(
            Tool.Find("strace"),
            ["-f", "-e", "trace=futex", "-o", trace, Alg8.Shmwrite, segment.Hex, "--wait", "futex"],
            string.Concat(Texts));
        await reading.Ends();

        // FUTEX_WAKE, and not its private form, which would wake no other process; it reports how many were asleep.
        string[] calls = await File.ReadAllLinesAsync(trace, TestContext.Current.CancellationToken);
        Assert.Contains(
            calls, call => call.Contains("FUTEX_WAKE, ") && call.EndsWith(" = 1", StringComparison.Ordinal));
    }

    [Theory(Timeout = Limit)]
    [InlineData("alg8-3-shmwrite", "--delay", "1")]
    [InlineData("alg8-3-shmwrite", "--buffer-size", "10", "--delay", "1")]
    public async Task A_side_that_spins_wakes_one_that_sleeps_before_it_rests(string program, params string[] options)
    {
        string key = NewKey(), trace = NewPath();
        string[] size = options.Contains("--buffer-size") ? options[..2] : [];
        RunningProgram reading = Start(Alg8.Shmread, [key, "--wait", "futex", .. size]);
        await reading.Shows("shmread process ready ...");

        Finished written = await Run(
            Tool.Find("strace"),
            [
                "-f", "-e", "trace=futex", "-o", trace, Path.Combine(Repository.Bin, program), key, "--wait", "spin",
                .. options,
            ],
            string.Concat(Texts));
        Finished read = await reading.Ends();

        Assert.Equal((0, 0), (written.Status, read.Status));
        string[] calls = await File.ReadAllLinesAsync(trace, TestContext.Current.CancellationToken);
        Assert.Contains(
            calls, call => call.Contains("FUTEX_WAKE, ") && call.EndsWith(" = 1", StringComparison.Ordinal));
        Remove(key);
    }

    [Fact(Timeout = Limit)]
    public async Task Spinning_goes_on_where_all_processes_share_one_core()
    {
        string cores = File.ReadLines("/proc/self/status").First(
            line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal));
        string first = cores.Split('\t', ',', '-')[1];
        string path = NewFile();

        Finished run = await Run(
            Tool.Find("taskset"), ["-c", first, Alg8.Shmcon, path, "--wait", "spin"], string.Concat(Texts));

        run.Printed(new Slide(SegmentEntry.KeyOf(path), run.Output).Session(Texts));
    }

    [Theory(Timeout = Limit)]
    [InlineData("sleep")]
    [InlineData("spin")]
    [InlineData("futex")]
    public async Task A_side_that_waits_long_still_sees_a_C_peer_that_wakes_nobody(string strategy)
    {
        SegmentEntry segment = await NewSegment();
        RunningProgram reading = Start(Alg8.Shmread, [segment.Hex, "--wait", strategy, "--interval", "50"]);
        await reading.Shows("shmread process ready ...");

        Finished written = await Run(await Peers.C("shmwrite"), [segment.Hex], "one\nend\n");
        Finished read = await reading.Ends();

        Assert.Equal(new Slide(segment.Key, read.Output).Reader("one\n", "end\n"), read.Output);
        Assert.Equal((0, 0), (written.Status, read.Status));
    }

    [Theory(Timeout = Limit)]
    [InlineData("")]
    [InlineData("", "--wait", "sleep", "--interval", "1000")]
    [InlineData("--wait spin", "--wait", "spin")]
    [InlineData("--wait futex", "--wait", "futex", "--interval", "1000")]
    [InlineData("--interval 20", "--interval", "20")]
    [InlineData("--wait spin --interval 20", "--interval", "20", "--wait", "spin")]
    public async Task The_controller_hands_on_what_differs_from_the_default_after_the_key(
        string handedOn, params string[] options)
    {
        string path = NewFile();
        string reader = NewScript($"echo \"$@\" > reader.arguments; exec '{Alg8.Shmread}' $1 --wait futex");
        string writer = NewScript($"echo \"$@\" > writer.arguments; exec '{Alg8.Shmwrite}' $1 --wait futex");

        await Run(Alg8.Shmcon, [path, "--reader", reader, "--writer", writer, .. options], "end\n");

        string expected = $"{SegmentEntry.KeyOf(path):x} {handedOn}".Trim() + "\n";
        Assert.Equal(expected, await Read("reader.arguments"));
        Assert.Equal(expected, await Read("writer.arguments"));
    }

    private Task<string> Read(string file) =>
        File.ReadAllTextAsync(Path.Combine(Folder, file), TestContext.Current.CancellationToken);
}
