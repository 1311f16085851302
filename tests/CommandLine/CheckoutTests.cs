using Algorithms.Tests.Harness;

namespace Algorithms.Tests.CommandLine;

/// <summary>run.sh in a fresh copy of the repository, wherever it lies and whatever the machine lacks.</summary>
public sealed class CheckoutTests : SharedMemoryTest
{
    // The build servers of .NET would go on after the test.
    private static readonly (string, string?)[] NoServers =
        [("MSBUILDDISABLENODEREUSE", "1"), ("UseSharedCompilation", "false"), ("ALG8_NATIVE", null)];

    [Fact(Timeout = LongLimit)]
    public async Task Without_a_compiler_it_builds_what_is_out_of_date_for_the_runtime_and_says_so()
    {
        string runSh = await Checkout("bin");
        (string, string?)[] machine = [("PATH", PathWithout("gcc", "clang", "cc")), .. NoServers];

        Finished first = await Produce();
        Finished second = await Produce();
        File.SetLastWriteTimeUtc(
            Path.Combine(Path.GetDirectoryName(runSh)!, "alg8-5-shmproducer", "Program.cs"), DateTime.UtcNow);
        Finished third = await Produce();

        Assert.Equal("produced message: Hello World!\n", first.Output);
        Assert.Contains("no clang or gcc", first.Error);
        Assert.Contains("  alg8-5-shmproducer ", first.Error);
        second.Printed("produced message: Hello World!\n");
        Assert.Equal("produced message: Hello World!\n", third.Output);
        Assert.Contains("  alg8-5-shmproducer ", third.Error);

        Task<Finished> Produce() =>
            Start(runSh, ["8-5", NewObject()], variables: machine).Ends(patience: TimeSpan.FromMilliseconds(LongLimit));
    }

    [Fact(Timeout = Limit)]
    public async Task Without_an_SDK_it_says_what_to_install()
    {
        string runSh = await Checkout("bin");

        Finished run = await Run(
            runSh,
            ["8-5", "name"],
            variables: [("PATH", PathWithout("dotnet")), ("HOME", Folder), ("DOTNET_ROOT", null), .. NoServers]);

        run.FailedAtOnce(
            "the .NET 10 SDK is needed", "apt-get install dotnet-sdk-10.0", "https://dotnet.microsoft.com/");
    }

    [Fact(Timeout = Limit)]
    public async Task A_read_only_checkout_that_is_built_runs()
    {
        string runSh = await Checkout();

        (await RunApart(ReadOnly(runSh), runSh, "8-5", NewObject())).Printed("produced message: Hello World!\n");
    }

    [Fact(Timeout = Limit)]
    public async Task A_read_only_checkout_that_is_not_built_is_a_clear_error()
    {
        string runSh = await Checkout("bin");

        (await RunApart(ReadOnly(runSh), runSh, "8-5", NewObject()))
            .FailedAtOnce("alg8-5-shmproducer has to be built", $"this folder is read-only: {Folder}/");
    }

    // run.sh of a copy of the repository, times and all, without what is named, in a folder with an awkward name.
    private async Task<string> Checkout(params string[] without)
    {
        string copy = Directory.CreateDirectory(NewPath() + " a copy 副本").FullName;
        IEnumerable<string> entries = Directory.EnumerateFileSystemEntries(Repository.Root)
            .Where(entry => !without.Concat(["artifacts", ".git"]).Contains(Path.GetFileName(entry)));
        (await Run("/bin/cp", ["-a", .. entries, copy])).Printed("");
        return Path.Combine(copy, "run.sh");
    }

    private static string ReadOnly(string runSh) =>
        $"checkout='{Path.GetDirectoryName(runSh)}'"
        + " && mount --bind \"$checkout\" \"$checkout\" && mount -o remount,bind,ro \"$checkout\"";
}
