using Algorithms.Tests.Harness;

namespace Algorithms.Tests.CommandLine;

/// <summary>
/// ./run.sh test: its last line counts the tests, its exit status is 0 where none failed. The runner is a script here.
/// </summary>
public sealed class TestCommandTests : SharedMemoryTest
{
    [Theory(Timeout = Limit)]
    [InlineData("total='9' passed='8' failed='0' skipped='1' errors='0'", 0, "8 passed, 0 failed, 1 skipped", 0)]
    [InlineData("total='9' passed='9' failed='0' skipped='0' errors='0'", 0, "9 passed, 0 failed", 0)]
    [InlineData("total='2' passed='0' failed='0' skipped='2' errors='0'", 8, "0 passed, 0 failed, 2 skipped", 0)]
    [InlineData("total='9' passed='6' failed='2' skipped='1' errors='0'", 2, "6 passed, 2 failed, 1 skipped", 2)]
    [InlineData("total='9' passed='8' failed='0' skipped='0' errors='1'", 0, "8 passed, 1 failed", 1)]
    [InlineData("total='9' passed='9' failed='0' skipped='0' errors='0'", 134, "9 passed, 1 failed", 134)]
    [InlineData("", 134, "0 passed, 1 failed", 134)] // killed
    [InlineData("", 0, "0 passed, 0 failed", 0)] // --help, --list-tests
    [InlineData("total='0' passed='0' failed='0' skipped='0' errors='0'", 8, "0 passed, 0 failed", 8)] // no such test
    public async Task The_last_line_has_the_runners_counts(string counts, int status, string line, int expected)
    {
        Finished run = await Test(counts, status);

        Assert.Equal($"{line}\n", run.Output);
        Assert.Equal(expected, run.Status);
        Assert.Equal(
            status == expected && line.EndsWith(" 0 failed", StringComparison.Ordinal) && status != 0,
            run.Error.Contains("no test fits"));
    }

    [Fact(Timeout = Limit)]
    public async Task Where_the_tests_cannot_be_built_the_last_line_says_so_too()
    {
        Finished run = await Test("", 0, build: 1);

        Assert.Equal((1, "0 passed, 1 failed\n"), (run.Status, run.Output));
        Assert.Contains("the tests could not be built", run.Error);
    }

    [Fact(Timeout = Limit)]
    public async Task Two_runs_at_a_time_do_not_mix_their_counts()
    {
        string root = Checkout();

        Finished[] runs = await Task.WhenAll(
            Enumerable.Range(1, 4).Select(
                count => Test($"total='{count}' passed='{count}' failed='0' skipped='0' errors='0'", 0, root: root)));

        Assert.Equal(
            Enumerable.Range(1, 4).Select(count => $"{count} passed, 0 failed\n"), runs.Select(run => run.Output));
        Assert.All(runs, run => Assert.Equal((0, ""), (run.Status, run.Error)));
        Assert.Empty(Directory.GetDirectories(Path.Combine(root, "artifacts")));
    }

    [Fact(Timeout = Limit)]
    public async Task With_another_C_library_it_says_that_glibc_is_needed()
    {
        string root = Checkout();
        Directory.Delete(Path.Combine(root, "bin"), recursive: true);
        string musl = Tools(("ldd", "echo 'musl libc (x86_64)' >&2; exit 1"));

        Finished run = await Run(Path.Combine(root, "run.sh"), ["8-5", "name"], variables: ("PATH", musl));

        run.FailedAtOnce("musl", "Alpine", "needs glibc");
        Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    // Runs the command with a dotnet whose test run ends with this report, or with none, and with this status.
    private async Task<Finished> Test(string counts, int status, int build = 0, string? root = null)
    {
        string dotnet = Tools(("dotnet", $$"""
            case $1 in
            build) exit {{build}} ;;
            --version) exit 0 ;;
            esac
            while [ "$1" != --results-directory ]; do shift; done
            [ -z "{{counts}}" ] || echo "<assemblies><assembly name='tests' {{counts}}>" | tr "'" '"' > "$2/report.xml"
            exit {{status}}
            """));
        return await Run(Path.Combine(root ?? Checkout(), "run.sh"), ["test"], variables: ("PATH", dotnet));
    }

    // A PATH that begins with these scripts.
    private string Tools(params (string Name, string Body)[] scripts)
    {
        string folder = Directory.CreateDirectory(NewPath()).FullName;
        foreach ((string name, string body) in scripts)
        {
            File.Move(NewScript(body), Path.Combine(folder, name));
        }

        return $"{folder}:{Environment.GetEnvironmentVariable("PATH")}";
    }

    // A folder in which run.sh finds everything built.
    private string Checkout()
    {
        string root = Directory.CreateDirectory(NewPath() + " root").FullName;
        File.Copy(Repository.RunSh, Path.Combine(root, "run.sh"));
        string[] names =
        [.. Directory.GetFiles(Repository.Bin).Select(path => Path.GetFileName(path)).Where(name => name[0] != '.')];
        foreach (string name in names)
        {
            Directory.CreateDirectory(Path.Combine(root, name == "alg8-tools" ? "tools/alg8-tools" : name));
        }

        foreach (string file in (string[])["Directory.Build.props", "global.json"])
        {
            File.WriteAllText(Path.Combine(root, file), "");
        }

        Directory.CreateDirectory(Path.Combine(root, "alg8-0-shmdata"));
        string bin = Directory.CreateDirectory(Path.Combine(root, "bin")).FullName;
        foreach (string name in names)
        {
            File.Move(NewScript("exit 0"), Path.Combine(bin, name));
        }

        return root;
    }
}
