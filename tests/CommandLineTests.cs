using Algorithms.Tests.Harness;

namespace Algorithms.Tests;

/// <summary>Each program tells how it is used, and what is wrong with how it was.</summary>
public sealed class CommandLineTests : SharedMemoryTest
{
    private static readonly string LongName = new('x', 256);
    private static readonly string[] WaitingOptions =
        ["--wait", "sleep|spin|futex", "default: sleep", "--interval", "[default: 1000]"];

    public static TheoryData<string, string[]> Help { get; } = new()
    {
        { "alg8-1-shmcon", ["PATHNAME", "--proj-id", "0x27", "--reader", "--writer", .. WaitingOptions] },
        { "alg8-2-shmread", ["KEY", .. WaitingOptions] },
        { "alg8-3-shmwrite", ["KEY", .. WaitingOptions] },
        { "alg8-4-shmpthreadcon", ["FILENAME", "--producer", "--consumer"] },
        { "alg8-5-shmproducer", ["FILENAME", "MESSAGE", "Hello World!"] },
        { "alg8-6-shmconsumer", ["FILENAME", "--race", "--timeout"] },
    };

    /// <summary>A program, its arguments, and what the message must say.</summary>
    public static TheoryData<string, string[], string> Errors { get; } = AllErrors();

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Help))]
    public async Task Help_names_every_argument_and_option(string program, string[] parts)
    {
        Finished run = await Run(Path.Combine(Repository.Bin, program), ["--help"]);

        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.All([program, "--version", .. parts], part => Assert.Contains(part, run.Output));
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
    public async Task A_usage_error_is_told_on_standard_error_alone(string program, string[] arguments, string says)
    {
        Finished run = await Run(Path.Combine(Repository.Bin, program), arguments);

        run.FailedAtOnce(says);
    }

    private static TheoryData<string, string[], string> AllErrors()
    {
        TheoryData<string, string[], string> errors = new()
        {
            { "alg8-1-shmcon", [], "PATHNAME" },
            { "alg8-1-shmcon", ["--nonsense"], "--nonsense" },
            { "alg8-1-shmcon", ["path", "more"], "more" },
            { "alg8-1-shmcon", ["path", "--nonsense"], "--nonsense" },
            { "alg8-1-shmcon", ["path", "--proj-id", "0x100"], "0x100" },
            { "alg8-1-shmcon", ["path", "--proj-id", "zz"], "zz" },
            { "alg8-1-shmcon", ["path", "--reader"], "--reader" },
            { "alg8-4-shmpthreadcon", ["name", "--producer"], "--producer" },
            { "alg8-5-shmproducer", ["name", "message", "more"], "more" },
            { "alg8-6-shmconsumer", ["name", "--timeout", "soon"], "soon" },
            { "alg8-6-shmconsumer", ["name", "--timeout", "-1"], "-1" },
        };

        foreach (string program in new[] { "alg8-1-shmcon", "alg8-2-shmread", "alg8-3-shmwrite" })
        {
            errors.Add(program, ["1", "--wait", "nap"], "nap");
            errors.Add(program, ["1", "--wait", "0"], "0");
            errors.Add(program, ["1", "--interval", "soon"], "soon");
            errors.Add(program, ["1", "--interval", "-5"], "-5");
            errors.Add(program, ["1", "--interval", "99999999999"], "99999999999");
        }

        foreach (string program in new[] { "alg8-2-shmread", "alg8-3-shmwrite" })
        {
            errors.Add(program, [], "KEY");
            errors.Add(program, ["1", "more"], "more");
            errors.Add(program, ["--nonsense"], "--nonsense");
            errors.Add(program, ["1", "--nonsense"], "--nonsense");
            errors.Add(program, [""], "''");
            foreach (string key in new[] { "xyz", "12g", "123456789", "0", "0x0", "00000000", "0x", "-1", "+1", " 1", "1.5" })
            {
                errors.Add(program, [key], key);
            }
        }

        foreach (string program in new[] { "alg8-4-shmpthreadcon", "alg8-5-shmproducer", "alg8-6-shmconsumer" })
        {
            errors.Add(program, [], "FILENAME");
            errors.Add(program, ["--nonsense"], "--nonsense");
            errors.Add(program, ["name", "--nonsense"], "--nonsense");
            errors.Add(program, [""], "''");
            foreach (string name in new[] { ".", "..", "/", "/.", "//a", "a/b", "/a/b", LongName })
            {
                errors.Add(program, [name], name);
            }
        }

        errors.Add("alg8-4-shmpthreadcon", ["name", "more"], "more");
        errors.Add("alg8-6-shmconsumer", ["name", "more"], "more");
        return errors;
    }
}
