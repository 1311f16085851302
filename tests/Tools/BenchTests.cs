using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Algorithms.Tests.Harness;
using Mono.Unix.Native;

namespace Algorithms.Tests.Tools;

/// <summary>The command bench: what it shows and writes. How fast anything is, no test asserts.</summary>
public sealed class BenchTests : FaultTest
{
    [Fact(Timeout = LongLimit)]
    public async Task A_mechanism_is_measured_in_every_way_beside_its_twin_and_written_as_a_table_and_as_a_chart()
    {
        string csv = NewPath(), svg = NewPath();
        Finished run = await Bench("--quick", "--only", "buffer-10", "--csv", csv, "--svg", svg);

        Assert.Equal((0, ""), (run.Status, run.Error)); // no progress bar where standard error is no terminal
        Assert.DoesNotContain('\u001b', run.Output);
        Assert.Matches(@"^Linux \S+, .*[0-9]+ processors.*gcc [0-9.]+, medians of 5 repeats, quick", Plain(run.Output));
        // Latency of one size, throughput of two; full runs have all three of both.
        Assert.Equal(
            [0, 4, 2], ((int[])[1, 64, 4096]).Select(size => Regex.Count(run.Output, $@"buffer-10(24)? +{size} ")));

        string[][] rows =
        [.. (await File.ReadAllLinesAsync(csv, TestContext.Current.CancellationToken)).Select(line => line.Split(','))];
        Assert.Equal(
            "section,what,bytes,figure,unit,ours median,ours min,ours max,C median,C min,C max,ours/C,spread",
            string.Join(',', rows[0]));
        Assert.All(rows, row => Assert.Equal(13, row.Length));
        string[] p50 = rows.Single(row => row[1] == "buffer-10" && row[2] == "64" && row[3] == "p50");
        double[] values = [.. p50[5..12].Select(value => double.Parse(value, CultureInfo.InvariantCulture))];
        Assert.All(values, value => Assert.True(value > 0));
        Assert.True(values[1] <= values[0] && values[0] <= values[2], string.Join(' ', values));
        Assert.Equal(values[0] / values[3], values[6], precision: 6);
        Assert.Contains(rows, row => row[1] == "buffer-1024" && row[3] == "messages/s");
        Assert.Contains(rows, row => row[1] == "buffer-1024" && row[3] == "setup");

        XDocument chart = XDocument.Load(svg);
        Assert.Equal("svg", chart.Root!.Name.LocalName);
        string[] texts =
        [.. chart.Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value)];
        Assert.Contains("buffer-10", texts);
        Assert.Contains("bytes", texts);
        Assert.Contains("64", texts);
    }

    [Fact(Timeout = LongLimit)]
    public async Task A_pipe_takes_two_system_calls_a_message()
    {
        Tool.Find("strace");
        string csv = NewPath();
        Finished run = await Bench("--quick", "--only", "pipe", "--csv", csv);

        Assert.Equal((0, ""), (run.Status, run.Error));
        string[] row = (
            await File.ReadAllLinesAsync(csv, TestContext.Current.CancellationToken)).Select(line =>
                line.Split(',')).Single(row => row[3] == "calls/message");
        // On a busy machine the runtime's own timers, some calls a second, are counted too.
        Assert.InRange(double.Parse(row[5], CultureInfo.InvariantCulture), 1.7, 6.0);
    }

    [Fact(Timeout = LongLimit)]
    public async Task A_program_is_started_beside_its_twin()
    {
        Finished run = await Bench("--quick", "--only", "8-1");

        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Matches(@"8-1, with its children +[0-9.]+ +[0-9.]+ +ms +[0-9.]+ ", run.Output);
    }

    [Theory(Timeout = Limit)]
    [InlineData(Signum.SIGTERM, false)]
    [InlineData(Signum.SIGINT, false)]
    [InlineData(Signum.SIGHUP, true)]
    [InlineData(Signum.SIGTERM, true)]
    public async Task Whatever_ends_it_all_that_it_has_started_ends_and_all_that_it_has_made_goes(Signum signal, bool areStopped)
    {
        string temporary = Directory.CreateDirectory(NewPath()).FullName;
        RunningProgram run = Start(Repository.RunSh, ["bench", "--quick"], variables: ("TMPDIR", temporary));
        await Wait.Until(() => Ours().Any(process => process.CommandLine.Contains(" ipc ")), () => "a mechanism to be measured");
        await Task.Delay(Random.Next(2000), TestContext.Current.CancellationToken);
        foreach (LiveProcess process in areStopped ? Ours().Where(process => process.Id != $"{run.Id}").ToArray() : [])
        {
            process.Send(Signum.SIGSTOP);
        }

        Send(run.Id, signal);
        Finished finished = await run.IsGone();

        Assert.Equal(128 + (int)signal, finished.Status);
        NoCrash(finished);
        Assert.Empty(Ours());
        Assert.DoesNotContain(
            Directory.EnumerateFileSystemEntries(temporary), path => Path.GetFileName(path).StartsWith("alg8-", StringComparison.Ordinal));
        Assert.Empty(Directory.EnumerateFiles("/dev/shm", $"alg8-bench-{run.Id}*"));
    }

    [Fact(Timeout = LongLimit)]
    public async Task Its_last_lines_say_in_words_what_the_run_has_shown()
    {
        Finished run = await Run(Repository.RunSh, ["bench", "--quick", "--only", "pi"]); // written-spin and pipe

        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Matches(
            @"In this run, a message of 64 bytes and its acknowledgement took [0-9.]+ \S+ through shared memory and [0-9.]+ \S+ "
            + @"through a pipe, .*docs/performance\.md, The two models\.\s*$",
            run.Output.ReplaceLineEndings(" ").Replace("  ", " ", StringComparison.Ordinal));
    }

    [Fact(Timeout = Limit)]
    public async Task Bad_input_is_refused_before_anything_is_measured()
    {
        (await Bench("--only", "no such thing")).FailedAtOnce(
            "bench: --only: nothing has this in its name\nhint: the mechanisms are written-sleep, ");
        (await Bench("--csv", Path.Combine(Folder, "nowhere", "x.csv"))).FailedAtOnce(
            "bench: Could not find a part of the path ");
        (await Bench("--runs", "4")).FailedAtOnce("--runs '4': not a whole number from 5 to 1000");
    }

    // The bench compiles its C twins, whatever it is asked to measure.
    private Task<Finished> Bench(params string[] arguments)
    {
        Tool.Find("gcc");
        return Run(Tools, ["bench", "--twins", Path.Combine(Repository.Root, "tools/bench/twins"), .. arguments]);
    }

    private static string Tools => Path.Combine(Repository.Bin, "alg8-tools");

    // The first line may be broken where the width ends.
    private static string Plain(string output) =>
        output.ReplaceLineEndings(" ").Replace("  ", " ", StringComparison.Ordinal);
}
