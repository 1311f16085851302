using Algorithms.Tests.Harness;

namespace Algorithms.Tests.Failures;

/// <summary>How the controllers find their children, start them, and report their failures.</summary>
public sealed class ChildrenTests : SharedMemoryTest
{
    [Fact(Timeout = Limit)]
    public async Task The_controllers_find_their_siblings_from_any_folder()
    {
        string path = NewFile();

        Finished run = await Run(Alg8.Shmcon, [path, "--wait", "futex"], "end\n", folder: "/");
        run.Printed(new Slide(SegmentEntry.KeyOf(path), run.Output).Session("end\n"));

        run = await Run(Alg8.Shmpthreadcon, [NewName()], folder: "/");
        Assert.Contains("consumed message: Hello World!\n", run.Output);
    }

    [Fact(Timeout = Limit)]
    public async Task The_controllers_find_their_siblings_through_a_chain_of_symbolic_links()
    {
        string path = NewFile();

        Finished run = await Run(Link(Alg8.Shmcon), [path, "--wait", "futex"], "end\n");
        run.Printed(new Slide(SegmentEntry.KeyOf(path), run.Output).Session("end\n"));

        run = await Run(Link(Alg8.Shmpthreadcon), [NewName()]);
        Assert.Contains("consumed message: Hello World!\n", run.Output);

        string Link(string program)
        {
            string first = NewPath();
            File.CreateSymbolicLink(first, program);
            return File.CreateSymbolicLink(NewPath(), Path.GetFileName(first)).FullName;
        }
    }

    // Where dotnet run and an IDE start them: each in its project's own output.
    [Fact(Timeout = Limit)]
    public async Task The_controllers_find_their_siblings_in_the_other_projects_output_of_the_same_build()
    {
        string path = NewFile();
        string[] programs =
            [Alg8.Shmcon, Alg8.Shmread, Alg8.Shmwrite, Alg8.Shmpthreadcon, Alg8.Shmproducer, Alg8.Shmconsumer];
        foreach (string program in programs)
        {
            string folder = Directory.CreateDirectory(Path.GetDirectoryName(Output(program))!).FullName;
            File.Copy(program, Output(program));
            File.CreateSymbolicLink(
                Path.Combine(folder, "libMonoPosixHelper.so"), Path.Combine(Repository.Bin, "libMonoPosixHelper.so"));
        }

        Finished run = await Run(Output(Alg8.Shmcon), [path, "--wait", "futex"], "end\n");
        run.Printed(new Slide(SegmentEntry.KeyOf(path), run.Output).Session("end\n"));
        run = await Run(Output(Alg8.Shmpthreadcon), [NewName()]);
        Assert.Contains("consumed message: Hello World!\n", run.Output);

        File.Delete(Output(Alg8.Shmread));
        (await Run(Output(Alg8.Shmcon), [path])).Failed(
            "No such file or directory\nhint: the programs of the suite belong into one folder");

        string Output(string program) =>
            Path.Combine(Folder, "artifacts", "bin", Path.GetFileName(program), "debug", Path.GetFileName(program));
    }

    // What dotnet run starts may be the .dll.
    [Fact(Timeout = Limit)]
    public async Task A_controller_that_dotnet_itself_runs_finds_its_siblings()
    {
        string output = Path.Combine(
            Repository.Root, "artifacts", "bin", "alg8-4-shmpthreadcon", "debug", "alg8-4-shmpthreadcon.dll");
        Finished run = await Run("dotnet", ["exec", output, NewName()]);

        Assert.Contains("consumed message: Hello World!\n", run.Output);
    }

    [Fact(Timeout = Limit)]
    public async Task The_controllers_find_their_siblings_by_way_of_PATH()
    {
        string path = NewFile();
        string search = Repository.Bin + ":" + Environment.GetEnvironmentVariable("PATH");

        Finished run = await Run(
            "/usr/bin/env", ["alg8-1-shmcon", path, "--wait", "futex"], "end\n", variables: ("PATH", search));

        run.Printed(new Slide(SegmentEntry.KeyOf(path), run.Output).Session("end\n"));
    }

    [Fact(Timeout = Limit)]
    public async Task The_writer_is_started_when_the_reader_is_attached()
    {
        string path = NewFile();
        string reader = NewScript($"exec '{await Peers.C("shmread")}' \"$@\"");
        string writer = NewScript($"cat /proc/sysvipc/shm > table; exec '{Alg8.Shmwrite}' \"$@\" --interval 10");

        for (int run = 0; run < 10; run++)
        {
            await Run(Alg8.Shmcon, [path, "--reader", reader, "--writer", writer], "end\n");

            string[] table =
                await File.ReadAllLinesAsync(Path.Combine(Folder, "table"), TestContext.Current.CancellationToken);
            string row = Assert.Single(table, line => line.Contains($" {(int)SegmentEntry.KeyOf(path)} "));
            Assert.Equal("1", row.Split(' ', StringSplitOptions.RemoveEmptyEntries)[6]);
        }
    }

    [Theory(Timeout = Limit)]
    [InlineData("--reader")]
    [InlineData("--writer")]
    public async Task A_missing_child_of_8_1_is_named_with_the_reason(string option)
    {
        string missing = NewPath();

        Finished run = await Run(Alg8.Shmcon, [NewFile(), "--wait", "futex", option, missing], "end\n");

        run.Failed("shmcon: ", missing, "No such file or directory");
    }

    [Theory(Timeout = Limit)]
    [InlineData("--producer")]
    [InlineData("--consumer")]
    public async Task A_missing_child_of_8_4_is_named_with_the_reason(string option)
    {
        string missing = NewPath();

        Finished run = await Run(Alg8.Shmpthreadcon, [NewName(), option, missing]);

        run.Failed(missing, "No such file or directory");
    }

    [Theory(Timeout = Limit)]
    [InlineData("--reader")]
    [InlineData("--producer")]
    public async Task A_child_that_may_not_be_executed_is_named_with_the_reason(string option)
    {
        string file = NewFile();

        Finished run = option == "--reader"
            ? await Run(Alg8.Shmcon, [NewFile(), option, file])
            : await Run(Alg8.Shmpthreadcon, [NewName(), option, file]);

        run.Failed(file, "Permission denied");
    }

    [Theory(Timeout = Limit)]
    [InlineData("--reader")]
    [InlineData("--writer")]
    public async Task A_child_of_8_1_that_fails_makes_it_fail(string option)
    {
        string failing = NewScript("exit 7");

        Finished run = await Run(Alg8.Shmcon, [NewFile(), "--wait", "futex", option, failing]);

        run.Failed($"shmcon: {Path.GetFileName(failing)} (pid ", ") ended with exit status 7\n");
    }

    [Theory(Timeout = Limit)]
    [InlineData("--producer")]
    [InlineData("--consumer")]
    public async Task A_child_of_8_4_that_fails_makes_it_fail(string option)
    {
        string failing = NewScript("exit 7");

        Finished run = await Run(Alg8.Shmpthreadcon, [NewName(), option, failing]);

        run.Failed($"con: {Path.GetFileName(failing)} (pid ", ") ended with exit status 7\n");
    }

    [Fact(Timeout = Limit)]
    public async Task The_controllers_take_no_ipcs_or_ls_from_the_current_folder()
    {
        foreach (string command in new[] { "ipcs", "ls" })
        {
            File.Move(NewScript("echo not the one"), Path.Combine(Folder, command));
        }

        string path = NewFile();
        Finished systemV = await Run(Alg8.Shmcon, [path, "--wait", "futex"], "end\n");
        Finished posix = await Run(Alg8.Shmpthreadcon, [NewName()]);

        systemV.Printed(new Slide(SegmentEntry.KeyOf(path), systemV.Output).Session("end\n"));
        Assert.DoesNotContain("not the one", posix.Output);
    }
}
