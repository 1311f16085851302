using System.Text.RegularExpressions;
using Algorithms.Tests.Harness;

namespace Algorithms.Tests.CommandLine;

/// <summary>Each program reports how it is used, and what is wrong with a call.</summary>
public sealed partial class CommandLineTests : SharedMemoryTest
{
    private static readonly string LongName = new('x', 256);

    // The options of all programs, and those of the programs of a family.
    private static readonly string[] Common =
        ["--wait", "--interval", "--trace", "--step", "--lang", "--help", "--version", "--buffer-size"];
    private static readonly string[] OfObjects = ["--race", "--items", "--stream", "--text-size", "--quiet", "--stats"];

    /// <summary>A program, its arguments, and its options.</summary>
    public static TheoryData<string, string, string[]> Help { get; } = new()
    {
        {
            "alg8-1-shmcon", "<PATHNAME>",
            ["--proj-id", "--mode", "--reader", "--writer", "--reader-delay", "--writer-delay", .. Common]
        },
        { "alg8-2-shmread", "<KEY>", ["--delay", .. Common] },
        { "alg8-3-shmwrite", "<KEY>", ["--delay", .. Common] },
        { "alg8-4-shmpthreadcon", "<FILENAME>", ["--mode", "--producer", "--consumer", .. OfObjects, .. Common] },
        { "alg8-5-shmproducer", "<FILENAME> [<MESSAGE>]", ["--first", .. OfObjects, .. Common] },
        { "alg8-6-shmconsumer", "<FILENAME>", ["--timeout", .. OfObjects, .. Common] },
    };

    /// <summary>A program, its arguments, and how the message must begin after the program's name.</summary>
    public static TheoryData<string, string[], string> Errors { get; } = AllErrors();

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Help))]
    public async Task Help_names_every_argument_and_option_and_no_others(
        string program, string arguments, string[] options)
    {
        Finished run = await Run(Path.Combine(Repository.Bin, program), ["--help"]);

        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Contains($"\nUsage:\n  {program} {arguments} [options]\n", run.Output);
        Assert.All(
            arguments.Split(' '),
            argument => Assert.Matches($@"\n  {Regex.Escape(argument.Trim('[', ']'))} +\S", run.Output));
        Assert.Equal(
            options.Order(), OptionsInHelp().Matches(run.Output).Select(option => option.Groups["name"].Value).Order());
    }

    [Theory(Timeout = Limit)]
    [InlineData("alg8-1-shmcon", "--proj-id <0x27> ", "(default: 0x27, as on the slide)")]
    [InlineData("alg8-1-shmcon", "--mode <0600> ", "(default: 0666, as on the slide)")]
    [InlineData("alg8-1-shmcon", "--wait <sleep|spin|futex> ", "(default: sleep, as on the slide; ")]
    [InlineData("alg8-2-shmread", "--wait <sleep|spin|futex> ", "(default: sleep, as on the slide; ")]
    [InlineData("alg8-3-shmwrite", "--interval <MILLISECONDS> ", "[default: 1000]")]
    [InlineData("alg8-4-shmpthreadcon", "--buffer-size <N> ", "(default: 10, as on the slide)")]
    [InlineData("alg8-5-shmproducer", "<MESSAGE> ", "[default: Hello World!]")]
    [InlineData("alg8-6-shmconsumer", "--timeout <SECONDS> ", "[default: 10]")]
    public async Task Help_tells_what_a_value_may_be_and_what_it_is_by_default(
        string program, string option, string value)
    {
        Finished run = await Run(Path.Combine(Repository.Bin, program), ["--help"]);

        string line =
            Assert.Single(run.Output.Split('\n'), line => line.StartsWith($"  {option}", StringComparison.Ordinal));
        Assert.Contains(value, line);
    }

    [Theory(Timeout = Limit)]
    [InlineData("alg8-1-shmcon")]
    [InlineData("alg8-2-shmread")]
    [InlineData("alg8-3-shmwrite")]
    [InlineData("alg8-4-shmpthreadcon")]
    [InlineData("alg8-5-shmproducer")]
    [InlineData("alg8-6-shmconsumer")]
    public async Task Version_is_a_line(string program)
    {
        Finished run = await Run(Path.Combine(Repository.Bin, program), ["--version"]);

        run.Printed("1.0.0\n");
    }

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Errors))]
    public async Task A_usage_error_is_reported_on_standard_error_alone(string program, string[] arguments, string says)
    {
        Finished run = await Run(Path.Combine(Repository.Bin, program), arguments);

        run.FailedAtOnce();
        Assert.StartsWith($"{program}: {says}", run.Error);
    }

    [Theory(Timeout = Limit)]
    [InlineData("[", "]")]
    [InlineData("[", ":x]")]
    [InlineData("[[", "]]")]
    [InlineData("@", "")]
    public async Task A_name_a_path_and_a_message_are_what_they_are_whatever_they_are_for_a_parser(
        string before, string after)
    {
        string name = before + NewName() + after, other = NewObject();

        // Alone, and as the first of two, where the second could be taken for the name.
        (await Run(Alg8.Shmproducer, [name, other])).FailedAtOnce("producer: shm_open(): No such file or directory\n");
        (await Run(Alg8.Shmconsumer, [name])).FailedAtOnce("consumer: shm_open(): No such file or directory\n");
        Assert.All(
            await File.ReadAllBytesAsync(ObjectPath(other), TestContext.Current.CancellationToken),
            value => Assert.Equal(0, value));

        Finished run = await Run(Alg8.Shmpthreadcon, [name]);
        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Contains($" {name}\n", run.Output);
        Assert.Contains("produced message: Hello World!\nconsumed message: Hello World!\n", run.Output);

        (await Run(Alg8.Shmproducer, [other, name])).Printed($"produced message: {name}\n");
        (await Run(Alg8.Shmconsumer, [other])).Printed($"consumed message: {name}\n");

        string path = Path.Combine(Folder, name);
        await File.WriteAllBytesAsync(path, [], TestContext.Current.CancellationToken);
        run = await Run(Alg8.Shmcon, [name, "--wait", "futex"], "end\n");
        run.Printed(new Slide(SegmentEntry.KeyOf(path), run.Output).Session("end\n"));

        foreach (string program in new[] { Alg8.Shmread, Alg8.Shmwrite })
            (await Run(program, [name, "27"])).FailedAtOnce("'27'");
    }

    [Theory(Timeout = Limit)]
    [InlineData("/?")]
    [InlineData("true")]
    [InlineData("-")]
    [InlineData("alg8-5-shmproducer")]
    public async Task A_message_is_what_it_is_behind_an_option_too(string message)
    {
        string name = NewObject();

        Finished run = await Run(Alg8.Shmproducer, [name, "--trace", message]);

        Assert.Equal((0, $"produced message: {message}\n"), (run.Status, run.Output));
    }

    [Theory(Timeout = Limit)]
    [InlineData("-")]
    [InlineData("--items=")]
    [InlineData("--")]
    public async Task What_comes_behind_two_dashes_is_a_name_for_the_children_too(string before)
    {
        string name = before + NewName();
        string script = NewScript($"[ \"/dev/shm/$1\" -ef '{ObjectPath(name)}' ] && exec '{Alg8.Shmproducer}' \"$@\"");

        foreach (string[] options in new[] { (string[])[], ["--items", "3"], ["--trace"], ["--producer", script] })
        {
            Finished run = await Run(Alg8.Shmpthreadcon, [.. options, "--", name]);

            Assert.Equal(0, run.Status);
            Assert.Contains($" {name}\n", run.Output);
        }

        (await Run(Alg8.Shmpthreadcon, [name])).FailedAtOnce("alg8-4-shmpthreadcon: -");
    }

    [Theory(Timeout = Limit)]
    [InlineData("alg8-1-shmcon", "--wat", "--wait")]
    [InlineData("alg8-1-shmcon", "--proj_id", "--proj-id")]
    [InlineData("alg8-1-shmcon", "--reader-dealy", "--reader-delay")]
    [InlineData("alg8-2-shmread", "--wat", "--wait")]
    [InlineData("alg8-3-shmwrite", "--interva", "--interval")]
    [InlineData("alg8-4-shmpthreadcon", "--wat", "--wait")]
    [InlineData("alg8-4-shmpthreadcon", "--buffer", "--buffer-size")]
    [InlineData("alg8-4-shmpthreadcon", "-items", "--items")]
    [InlineData("alg8-5-shmproducer", "--wait-for", null)]
    [InlineData("alg8-5-shmproducer", "--bogus", null)]
    [InlineData("alg8-6-shmconsumer", "--wat", "--wait")]
    public async Task A_mistyped_option_is_told_with_the_one_that_is_meant_and_nothing_else_is(
        string program, string option, string? meant)
    {
        string[] around = program is "alg8-2-shmread" or "alg8-3-shmwrite" ? ["27"] : [NewName()];
        string[][] lines =
        [
            [option, "spin"], [.. around, option, "spin"], [option, "spin", .. around], [.. around, $"{option}=spin"],
        ];
        foreach (string[] arguments in lines)
        {
            Finished run = await Run(Path.Combine(Repository.Bin, program), arguments);

            run.FailedAtOnce();
            if (meant is not null)
                Assert.Equal($"{program}: {option}: no such option; did you mean {meant}?\n", run.Error);
            else
                Assert.Matches(
                    $"^{program}: {option}: no such option(; if it is [^\n]*)?\nUsage: [^\n]*\nhint: [^\n]*\n$",
                    run.Error);
        }
    }

    [Theory(Timeout = Limit)]
    [InlineData("--trace=all")]
    [InlineData("--race:1")]
    [InlineData("--stream=")]
    public async Task An_option_without_a_value_takes_none(string option)
    {
        Finished run = await Run(Alg8.Shmproducer, [NewName(), "--items", "5", option]);

        run.FailedAtOnce($"alg8-5-shmproducer: {option}: {option.Split('=', ':')[0]} takes no value\n");
    }

    [Fact(Timeout = Limit)]
    public async Task What_is_wrong_is_never_told_in_words_of_the_run_time()
    {
        string name = NewName();
        (string Program, string[] Arguments)[] calls =
        [
            (Alg8.Shmproducer, [name, "--items", "5", "--first", "one"]),
            (Alg8.Shmproducer, [name, "--items", ""]),
            (Alg8.Shmpthreadcon, [name, "--producer", ""]),
            (Alg8.Shmpthreadcon, [name, "--consumer="]),
            (Alg8.Shmcon, [NewFile(), "--reader", "", "--writer", ""]),
            (Alg8.Tools, ["bench", "--twins", "/nowhere", "--csv", ""]),
        ];

        foreach ((string program, string[] arguments) in calls)
        {
            Finished run = await Run(program, arguments);

            run.Failed();
            Assert.DoesNotMatch("System\\.|Exception|Parameter|Nullable", run.Error);
        }
    }

    private static TheoryData<string, string[], string> AllErrors()
    {
        const string Nonsense = "--nonsense: no such option", More = "Unrecognized command or argument 'more'.\n";
        const string ProjectId = "not a number from 0x0001 to 0xffff whose low 8 bits are not all 0\n";
        const string Seconds = "not a whole number from 0 to 86400\n";
        const string Interval = "not a whole number from 0 to 3600000\n";

        TheoryData<string, string[], string> errors = new()
        {
            { "alg8-1-shmcon", [], "Required argument 'PATHNAME' missing" },
            { "alg8-1-shmcon", ["--nonsense"], Nonsense },
            { "alg8-1-shmcon", ["path", "more"], More },
            { "alg8-1-shmcon", ["path", "--nonsense"], Nonsense },
            { "alg8-1-shmcon", ["path", "--proj-id", "0x100"], $"--proj-id '0x100': {ProjectId}" },
            { "alg8-1-shmcon", ["path", "--proj-id", "zz"], $"--proj-id 'zz': {ProjectId}" },
            { "alg8-1-shmcon", ["path", "--reader"], "Required argument missing for option: '--reader'.\n" },
            { "alg8-4-shmpthreadcon", ["name", "--producer"], "Required argument missing for option: '--producer'.\n" },
            { "alg8-5-shmproducer", ["name", "message", "more"], More },
            { "alg8-6-shmconsumer", ["name", "--timeout", "soon"], $"--timeout 'soon': {Seconds}" },
            { "alg8-6-shmconsumer", ["name", "--timeout", "-1"], $"--timeout '-1': {Seconds}" },
        };

        foreach (string program in new[] { "alg8-1-shmcon", "alg8-2-shmread", "alg8-3-shmwrite" })
        {
            errors.Add(program, ["1", "--wait", "nap"], "--wait 'nap': not one of sleep, spin, futex\n");
            errors.Add(program, ["1", "--wait", "0"], "--wait '0': not one of sleep, spin, futex\n");
            errors.Add(program, ["1", "--interval", "soon"], $"--interval 'soon': {Interval}");
            errors.Add(program, ["1", "--interval", "-5"], $"--interval '-5': {Interval}");
            errors.Add(program, ["1", "--interval", "99999999999"], $"--interval '99999999999': {Interval}");
        }

        foreach (string program in new[] { "alg8-2-shmread", "alg8-3-shmwrite" })
        {
            errors.Add(program, [], "Required argument 'KEY' missing");
            errors.Add(program, ["1", "more"], More);
            errors.Add(program, ["--nonsense"], Nonsense);
            errors.Add(program, ["1", "--nonsense"], Nonsense);
            errors.Add(program, ["-1"], "-1: no such option\n");
            foreach (string key in new[] { "", "xyz", "12g", "123456789", "0x", "+1", " 1", "1.5" })
                errors.Add(program, [key], $"KEY '{key}': not 1 to 8 hexadecimal digits; ");
            foreach (string key in new[] { "0", "0x0", "00000000" })
                errors.Add(program, [key], $"KEY '{key}': 0 is IPC_PRIVATE, ");
        }

        foreach (string program in new[] { "alg8-4-shmpthreadcon", "alg8-5-shmproducer", "alg8-6-shmconsumer" })
        {
            errors.Add(program, [], "Required argument 'FILENAME' missing");
            errors.Add(program, ["--nonsense"], Nonsense);
            errors.Add(program, ["name", "--nonsense"], Nonsense);
            foreach (string name in new[] { "", ".", "..", "/", "/." })
                errors.Add(program, [name], $"FILENAME '{name}': not a name for a file in /dev/shm; ");
            foreach (string name in new[] { "//a", "a/b", "/a/b" })
                errors.Add(program, [name], $"FILENAME '{name}': a slash inside the name; ");
            errors.Add(program, [LongName], $"FILENAME '{LongName}': 256 bytes; give at most 255\n");
        }

        errors.Add("alg8-4-shmpthreadcon", ["name", "more"], More);
        errors.Add("alg8-6-shmconsumer", ["name", "more"], More);
        return errors;
    }

    [GeneratedRegex(@"^  (-h, )?(?<name>--[a-z-]+) .*\S", RegexOptions.Multiline)]
    private static partial Regex OptionsInHelp();
}
