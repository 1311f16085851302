using System.Globalization;
using System.Text.RegularExpressions;
using Algorithms.Tests.Harness;
using Mono.Unix.Native;

namespace Algorithms.Tests.Buffers;

/// <summary>Numbered items go through the bounded buffer of 8-4, each once and in order.</summary>
public sealed partial class ItemTests : SharedMemoryTest
{
    public static MatrixTheoryData<By, By> Pairs { get; } = new([By.CSharp, By.C], [By.CSharp, By.C]);

    [Fact(Timeout = Limit)]
    public async Task Each_item_is_produced_and_consumed_once_and_in_order()
    {
        Finished run = await Run(Alg8.Shmpthreadcon, [NewName(), "--items", "100"]);

        Assert.Equal((0, ""), (run.Status, run.Error));
        string[] lines = run.Output.Split('\n');
        Assert.Equal(Items("produced"), lines.Where(line => line.StartsWith("produced", StringComparison.Ordinal)));
        Assert.Equal(Items("consumed"), lines.Where(line => line.StartsWith("consumed", StringComparison.Ordinal)));
        Assert.Equal(("100", "5050", "0", "0"), Summary(run));
        for (int number = 1; number <= 100; number++)
            Assert.True(
                Array.IndexOf(lines, $"produced item: {number}") < Array.IndexOf(lines, $"consumed item: {number}"));

        static IEnumerable<string> Items(string verb) =>
            Enumerable.Range(1, 100).Select(number => $"{verb} item: {number}");
    }

    [Theory(Timeout = Limit)]
    [InlineData("spin", 20_000, 2)]
    [InlineData("spin", 200_000, 10)]
    [InlineData("futex", 20_000, 10)]
    [InlineData("futex", 20_000, 3)]
    [InlineData("sleep", 200, 10)]
    public async Task Whatever_the_size_and_the_waiting_nothing_is_lost(string wait, int items, int size)
    {
        string[] arguments =
            ["--items", $"{items}", "--buffer-size", $"{size}", "--wait", wait, "--interval", "1", "--quiet"];

        Finished run = await Run(Alg8.Shmpthreadcon, [NewName(), .. arguments]);

        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Equal(($"{items}", $"{(long)items * (items + 1) / 2}", "0", "0"), Summary(run));
        Assert.DoesNotContain("item:", run.Output);
    }

    [Fact(Timeout = LongLimit)]
    public async Task A_hundred_million_items_arrive_once_and_in_order()
    {
        Finished run =
            await Start(Alg8.Shmpthreadcon, [NewName(), "--items", "100000000", "--buffer-size", "1024", "--quiet"])
            .Ends(TimeSpan.FromMinutes(9));

        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Equal(("100000000", "5000000050000000", "0", "0"), Summary(run));
    }

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Pairs))]
    public async Task C_and_CSharp_share_one_buffer(By producer, By consumer)
    {
        const int Count = 50_000;
        string twin = await Peers.C("ring");
        string[] children =
        [
            .. producer == By.C ? (string[])["--producer", NewScript($"exec '{twin}' produce \"$@\"")] : [],
            .. consumer == By.C ? (string[])["--consumer", NewScript($"exec '{twin}' consume \"$@\"")] : [],
        ];

        Finished run = await Run(Alg8.Shmpthreadcon, [NewName(), "--items", $"{Count}", "--quiet", .. children]);

        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Equal(($"{Count}", $"{(long)Count * (Count + 1) / 2}", "0", "0"), Summary(run));
    }

    [Theory(Timeout = Limit)]
    [InlineData("--consumer", "spin", "futex")]
    [InlineData("--producer", "spin", "futex")]
    public async Task A_side_that_spins_wakes_one_that_sleeps(string child, string all, string its)
    {
        // The child's own --wait comes before the controller's: so take the controller's away.
        string program = child == "--consumer" ? Alg8.Shmconsumer : Alg8.Shmproducer;
        string sleeper = NewScript($"exec '{program}' \"$1\" --items \"$3\" --quiet --wait {its}");

        Finished run =
            await Run(Alg8.Shmpthreadcon, [NewName(), "--items", "20000", "--quiet", "--wait", all, child, sleeper]);

        // Without a wake, each of thousands of sleeps would last as long as the sleeper's own limit.
        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Equal(("20000", "200010000", "0", "0"), Summary(run));
    }

    [Fact(Timeout = Limit)]
    public async Task No_items_at_all_are_fine_too()
    {
        Finished run = await Run(Alg8.Shmpthreadcon, [NewName(), "--items", "0"]);

        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Equal(("0", "0", "0", "0"), Summary(run));
    }

    [Theory(Timeout = Limit)]
    [InlineData("--wait=spin")]
    [InlineData("--wait=futex")]
    [InlineData("--wait=spin", "--buffer-size=2")]
    public async Task Two_producers_that_race_end_and_the_summary_adds_up(params string[] options)
    {
        // On few processors, a producer is often interrupted between its check and its store
        const int Count = 5_000, AtOnce = 6;

        Finished[] runs = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ =>
            Run(Alg8.Shmpthreadcon, [NewName(), "--items", $"{Count}", "--race", "--quiet", .. options])));

        Assert.All(runs, run =>
        {
            Assert.Equal((0, ""), (run.Status, run.Error));
            Match summary = RaceSummary().Match(run.Output);
            Assert.True(summary.Success, run.Output);
            int came = Number("items"), lost = Number("lost"), twice = Number("twice");
            Assert.Equal(Count, came - twice + lost);

            int Number(string name) => int.Parse(summary.Groups[name].Value, CultureInfo.InvariantCulture);
        });
    }

    [Fact(Timeout = Limit)]
    public async Task A_racing_producer_at_a_full_buffer_sees_that_the_other_one_stores_in()
    {
        byte[] bytes = Buffer(places: 10, @in: 9, @out: 0);
        string name = NewObject(bytes);
        RunningProgram producing =
            Start(Alg8.Shmproducer, [name, "--items", "1", "--first", "7", "--race", "--quiet", "--wait", "futex"]);
        await Wait.Until(() => Word(name, OutSleeps) == 1, () => "the producer to sleep");

        // What the other producer does, that saw room: now the buffer looks empty, and the consumer will store no
        // `out`.
        using (FileStream stream = File.OpenWrite(ObjectPath(name)))
        {
            stream.Write(BitConverter.GetBytes(0));
        }

        Finished run = await producing.Ends();

        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Equal(1, Word(name, 0));
        Assert.Equal(7, Word(name, Items + sizeof(int)));
    }

    [Fact(Timeout = Limit)]
    public async Task A_place_that_no_racing_producer_has_filled_yet_is_no_end()
    {
        byte[] bytes = Buffer(places: 10, @in: 3, @out: 0);
        BitConverter.TryWriteBytes(bytes.AsSpan(Items + ItemSize), sizeof(long));
        BitConverter.TryWriteBytes(bytes.AsSpan(Items + ItemSize + sizeof(int)), 1L);
        string name = NewObject(bytes);

        Finished run = await Run(Alg8.Shmconsumer, [name, "--items", "1", "--race", "--quiet"]);

        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.StartsWith("items 1, ", run.Output);
        Assert.EndsWith("checksum 1, lost 0, out of order 0, twice 0\n", run.Output);
    }

    [Fact(Timeout = Limit)]
    public async Task A_buffer_of_one_place_can_hold_nothing()
    {
        Finished posix = await Run(Alg8.Shmpthreadcon, [NewName(), "--items", "5", "--buffer-size", "1"]);
        Finished systemV = await Run(Alg8.Shmcon, [NewPath(), "--buffer-size", "1"]);

        posix.FailedAtOnce("--buffer-size '1'", "can hold nothing");
        systemV.FailedAtOnce("--buffer-size '1'", "can hold nothing");
    }

    [Theory(Timeout = Limit)]
    [InlineData("--items", "x")]
    [InlineData("--items", "-1")]
    [InlineData("--buffer-size", "0", "--stream")]
    [InlineData("--text-size", "0", "--stream")]
    public async Task A_number_that_cannot_be_is_told(string option, string value, params string[] others)
    {
        Finished run = await Run(Alg8.Shmpthreadcon, [NewName(), option, value, .. others]);

        run.FailedAtOnce($"{option} '{value}'");
    }

    [Theory(Timeout = Limit)]
    [InlineData("--items or --stream", "--buffer-size", "3")]
    [InlineData("--items or --stream", "--wait", "spin")]
    [InlineData("--items or --stream", "--interval", "5")]
    [InlineData("--items", "--quiet")]
    [InlineData("--items", "--race")]
    [InlineData("--items", "--race", "--stream")]
    [InlineData("--stream", "--stats", "--items", "3")]
    [InlineData("--stream", "--text-size", "9", "--items", "3")]
    public async Task An_option_that_would_mean_nothing_is_refused(string needed, params string[] options)
    {
        Finished run = await Run(Alg8.Shmpthreadcon, [NewName(), .. options]);

        run.FailedAtOnce($"alg8-4-shmpthreadcon: {options[0]}: means something only with {needed}\n");
    }

    [Fact(Timeout = Limit)]
    public async Task Items_and_a_stream_do_not_go_together()
    {
        Finished run = await Run(Alg8.Shmpthreadcon, [NewName(), "--items", "5", "--stream"]);

        run.FailedAtOnce("--items and --stream");
    }

    [Theory(Timeout = Limit)]
    [InlineData("9223372036854775807", "1", "produced item: 1\nproduced item: 2\nproduced item: 3\n")]
    [InlineData("1", "9223372036854775807", "produced item: 9223372036854775807\n")]
    [InlineData(
        "3", "9223372036854775805",
        "produced item: 9223372036854775805\nproduced item: 9223372036854775806\nproduced item: 9223372036854775807\n")]
    public async Task Numbers_up_to_the_greatest_are_produced(string items, string first, string output)
    {
        string name = NewObject(Buffer(places: 10, @in: 0, @out: 0));
        RunningProgram producing =
            Start(Alg8.Shmproducer, [name, "--items", items, "--first", first, "--wait", "sleep", "--interval", "1"]);

        await producing.Shows(output);

        if (items.Length == 1)
        {
            (await producing.Ends()).Printed(output);
            return;
        }

        Assert.Equal(0, Syscall.kill(producing.Id, Signum.SIGTERM));
        Assert.Equal(128 + (int)Signum.SIGTERM, (await producing.IsGone()).Status);
    }

    [Theory(Timeout = Limit)]
    [InlineData("9223372036854775807", "2", "--first 2, --items 9223372036854775807: ")]
    [InlineData("2", "9223372036854775807", "--first 9223372036854775807, --items 2: ")]
    [InlineData("9223372036854775808", "1", "--items '9223372036854775808': ")]
    [InlineData("1", "9223372036854775808", "--first '9223372036854775808': ")]
    [InlineData("1", "0", "--first '0': ")]
    public async Task Numbers_beyond_the_greatest_are_refused(string items, string first, string error)
    {
        Finished run = await Run(Alg8.Shmproducer, [NewName(), "--items", items, "--first", first]);

        run.FailedAtOnce($"alg8-5-shmproducer: {error}", "9223372036854775807");
    }

    [Fact(Timeout = Limit)]
    public async Task The_checksum_is_the_sum_mod_2_to_the_64()
    {
        byte[] bytes = Buffer(places: 10, @in: 4, @out: 0);
        for (int place = 0; place < 3; place++)
        {
            BitConverter.TryWriteBytes(bytes.AsSpan(Items + (place * ItemSize)), sizeof(long));
            BitConverter.TryWriteBytes(bytes.AsSpan(Items + (place * ItemSize) + sizeof(int)), long.MaxValue);
        }

        Finished run = await Run(Alg8.Shmconsumer, [NewObject(bytes), "--items", "3", "--quiet"]);

        Assert.Equal(("3", $"{unchecked(3 * (ulong)long.MaxValue)}", "0", "3"), Summary(run));
    }

    // A bounded buffer of numbers as docs/alg8_buffer.h has it, all its places empty.
    private const int OutSleeps = 68, Items = 192, ItemSize = 64;

    private static byte[] Buffer(int places, int @in, int @out)
    {
        byte[] bytes = new byte[Items + (places * ItemSize)];
        BitConverter.TryWriteBytes(bytes, @in);
        BitConverter.TryWriteBytes(bytes.AsSpan(64), @out);
        BitConverter.TryWriteBytes(bytes.AsSpan(128), places);
        BitConverter.TryWriteBytes(bytes.AsSpan(132), sizeof(long));
        return bytes;
    }

    private static int Word(string name, int offset) =>
        BitConverter.ToInt32(File.ReadAllBytes(ObjectPath(name)), offset);

    // items, checksum, lost, out of order
    private static (string Items, string Checksum, string Lost, string OutOfOrder) Summary(Finished run)
    {
        Match match = SummaryLine().Match(run.Output);
        Assert.True(match.Success, run.Output);
        return (match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value, match.Groups[4].Value);
    }

    [GeneratedRegex(
        @"^items (\d+), seconds [\d.]+, items/s \d+, checksum (\d+), lost (\d+), out of order (\d+)$",
        RegexOptions.Multiline)]
    private static partial Regex SummaryLine();

    [GeneratedRegex(
        @"^items (?<items>\d+), .*, lost (?<lost>\d+), out of order \d+, twice (?<twice>\d+)$", RegexOptions.Multiline)]
    private static partial Regex RaceSummary();
}
