using Algorithms.Tests.Harness;

namespace Algorithms.Tests.CommandLine;

/// <summary>run.sh is how a student meets the suite: it runs each program as if it were the program itself.</summary>
public sealed class RunShTests : SharedMemoryTest
{
    [Theory(Timeout = Limit)]
    [InlineData()]
    [InlineData("help")]
    [InlineData("--help")]
    public async Task Alone_it_lists_every_program_and_every_command_with_a_line_each(params string[] arguments)
    {
        Finished run = await Run(Repository.RunSh, arguments);

        Assert.Equal((0, ""), (run.Status, run.Error));
        string[] lines = run.Output.Split('\n');
        string[] commands =
        [
            "8-0", "8-1", "8-2", "8-3", "8-4", "8-5", "8-6", "split", "watch", "build", "test", "stress", "grade",
            "bench", "limits", "clean", "help",
        ];
        Assert.All(commands, command => Assert.Single(
            lines,
            line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["./run.sh", var first, _, ..]
                && first == command));
    }

    [Theory(Timeout = Limit)]
    [InlineData("8-1", "alg8-1-shmcon", "shmcon")]
    [InlineData("8-2", "alg8-2-shmread", "shmread")]
    [InlineData("8-3", "alg8-3-shmwrite", "shmwrite")]
    [InlineData("8-4", "alg8-4-shmpthreadcon", "shmpthreadcon")]
    [InlineData("8-5", "alg8-5-shmproducer", "shmproducer")]
    [InlineData("8-6", "alg8-6-shmconsumer", "shmconsumer")]
    public async Task A_program_answers_to_its_number_its_name_and_its_short_name(
        string number, string name, string shortName)
    {
        foreach (string command in new[] { number, name, shortName })
        {
            Finished run = await Run(Repository.RunSh, [command, "--help"]);

            Assert.Contains($"\n  {name} <", run.Output);
            Assert.Equal((0, ""), (run.Status, run.Error));
        }
    }

    [Fact(Timeout = Limit)]
    public async Task Arguments_and_standard_streams_are_the_programs()
    {
        string path = NewPath() + " *$HOME 'with' \"all\" 内";

        Finished run = await Run(Repository.RunSh, ["8-1", path, "--wait", "futex"], "Hello World!\nend\n");

        run.Printed(new Slide(SegmentEntry.KeyOf(path), run.Output)
            .Session(created: true, echoed: false, "Hello World!\n", "end\n"));
    }

    [Fact(Timeout = Limit)]
    public async Task The_exit_status_is_the_programs()
    {
        (await Run(Repository.RunSh, ["8-5", NewObject()])).Printed("produced message: Hello World!\n");
        (await Run(Repository.RunSh, ["8-5", NewName()])).FailedAtOnce(
            "producer: shm_open(): No such file or directory\n");
        (await Run(Repository.RunSh, ["8-2"])).FailedAtOnce("KEY");
    }

    [Fact(Timeout = Limit)]
    public async Task Without_a_path_8_1_takes_one_in_a_folder_where_only_this_user_writes()
    {
        await PrintsASession(Path.Combine(OwnFolder, "alg8-1"), ["8-1"], ("TMPDIR", Folder), ("XDG_RUNTIME_DIR", null));

        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(OwnFolder));
    }

    [Fact(Timeout = Limit)]
    public async Task XDG_RUNTIME_DIR_is_such_a_folder()
    {
        string runtime = Directory.CreateDirectory(
            NewPath(), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;

        await PrintsASession(
            Path.Combine(runtime, "alg8-1"), ["8-1"], ("TMPDIR", Folder), ("XDG_RUNTIME_DIR", runtime));

        Assert.False(Directory.Exists(OwnFolder));
    }

    [Theory(Timeout = Limit)]
    [InlineData("a link")]
    [InlineData("open to others")]
    [InlineData("a file")]
    public async Task Where_others_could_have_put_a_link_8_1_has_no_usual_path(string what)
    {
        string others = Directory.CreateDirectory(NewPath()).FullName, target = NewPath();
        if (what == "a link")
            Directory.CreateSymbolicLink(OwnFolder, others);
        else if (what == "a file")
            await File.WriteAllTextAsync(OwnFolder, "", TestContext.Current.CancellationToken);
        else
            File.SetUnixFileMode(Directory.CreateDirectory(OwnFolder).FullName, (UnixFileMode)0b111_111_111);
        if (what != "a file")
            File.CreateSymbolicLink(Path.Combine(OwnFolder, "alg8-1"), target);

        (string, string?)[] variables = [("TMPDIR", Folder), ("XDG_RUNTIME_DIR", OwnFolder)];
        Finished run = await Run(Repository.RunSh, ["8-1"], "end\n", variables: variables);

        run.FailedAtOnce($"run.sh: no folder of yours alone for the file of the key: {OwnFolder} ", $" 8-1 PATHNAME\n");
        Assert.False(File.Exists(target));
        string path = NewPath(); // if it is given, the folder does not matter
        await PrintsASession(path, ["8-1", path], variables);
    }

    [Fact(Timeout = Limit)]
    public async Task The_usual_name_is_taken_beside_options_too() =>
        await PrintsASession(
            Path.Combine(OwnFolder, "alg8-1"),
            [
                "8-1", "--wait", "futex"
            ], ("TMPDIR", Folder), ("XDG_RUNTIME_DIR", null));

    [Fact(Timeout = Limit)]
    public async Task Hints_name_programs_as_run_sh_calls_them()
    {
        string absent = NewName();

        (await Run(Repository.RunSh, ["8-6", absent])).FailedAtOnce($"hint: {Repository.RunShQuoted} 8-4 {absent} makes one");
        (await Run(Repository.RunSh, ["8-5"])).FailedAtOnce(
            $"Usage: {Repository.RunShQuoted} 8-5 FILENAME [MESSAGE] [options]\n");
        (await Run(Repository.RunSh, ["8-0", "--bogus"])).FailedAtOnce(
            $"Usage: {Repository.RunShQuoted} 8-0 [options]\nhint: {Repository.RunShQuoted} 8-0 --help");
        (await Run(Alg8.Shmread, [], variables: ("ALG8_RUN_SH", "/a folder/run.sh"))).FailedAtOnce(
            "Usage: '/a folder/run.sh' 8-2 KEY [options]\n");
        (await Run(Repository.RunSh, ["watch", absent])).FailedAtOnce(
            $"hint: {Repository.RunShQuoted} watch without an argument lists");
        (await Run(Alg8.Shmproducer, [])).FailedAtOnce("Usage: alg8-5-shmproducer FILENAME [MESSAGE] [options]\n");
    }

    [Fact(Timeout = Limit)]
    public async Task Without_a_name_8_4_takes_one_of_this_users_own()
    {
        // In a /dev/shm of its own, where there is but one user.
        Finished run = await RunApart("mount -t tmpfs none /dev/shm", Repository.RunSh, "8-4");

        Assert.Matches("^total 0\n-rw-r--r-- 1 root +root +0 .* alg8-4-root\n", run.Output);
        Assert.EndsWith("\nproduced message: Hello World!\nconsumed message: Hello World!\ntotal 0\n", run.Output);
        Assert.Equal((0, ""), (run.Status, run.Error));
    }

    [Fact(Timeout = Limit)]
    public async Task It_works_from_any_folder_and_through_symbolic_links()
    {
        string first = NewPath();
        File.CreateSymbolicLink(first, Repository.RunSh);
        string link = File.CreateSymbolicLink(NewPath(), Path.GetFileName(first)).FullName;

        (await Run(link, ["8-5", NewObject()], folder: "/")).Printed("produced message: Hello World!\n");
    }

    [Theory(Timeout = Limit)]
    [InlineData("wach", "did you mean watch?")]
    [InlineData("tset", "did you mean test?")]
    [InlineData("--stres", "did you mean stress?")]
    [InlineData("lim", "did you mean limits?")]
    [InlineData("shmcom", "did you mean shmcon?")]
    [InlineData("8-7", "did you mean 8-0 or 8-1 or 8-2 or 8-3 or 8-4 or 8-5 or 8-6?")]
    [InlineData("nonsense", "{0} help lists those that there are")]
    [InlineData("--nonsense", "{0} help lists those that there are")]
    public async Task Another_command_is_an_error_of_one_line_that_names_the_nearest(string command, string advice)
    {
        Finished run = await Run(Repository.RunSh, [command]);

        run.FailedAtOnce();
        Assert.Equal(
            $"run.sh: no program or command is called '{command}'; {string.Format(null, advice, Repository.RunShQuoted)}\n",
            run.Error);
    }

    private string OwnFolder => Path.Combine(Folder, $"alg8-{Environment.UserName}");

    private async Task PrintsASession(string path, string[] arguments, params (string Name, string? Value)[] variables)
    {
        Finished run = await Run(Repository.RunSh, arguments, "end\n", variables: variables);

        run.Printed(new Slide(SegmentEntry.KeyOf(path), run.Output).Session(created: true, echoed: false, "end\n"));
    }
}
