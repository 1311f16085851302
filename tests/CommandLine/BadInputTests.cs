using Algorithms.Tests.Harness;
using Mono.Unix.Native;

namespace Algorithms.Tests.CommandLine;

/// <summary>
/// Odd paths and names, odd environments: a clear error, or it works as C's own calls do; never a hang.
/// </summary>
public sealed class BadInputTests : FaultTest
{
    [Fact(Timeout = Limit)]
    public async Task A_fifo_a_folder_or_a_device_gives_a_key_as_any_file_does()
    {
        string fifo = NewPath(), folder = Directory.CreateDirectory(NewPath()).FullName;
        await Run(Tool.Find("mkfifo"), [fifo]);

        foreach (string path in new[] { fifo, folder, "/dev/null" })
        {
            Finished run =
                await Run(Alg8.Shmcon, [path, "--wait", "futex", "--proj-id", $"{Random.Next(1, 256)}"], "end\n");

            Assert.EndsWith("nothing found ... \n", run.Output);
            Assert.Equal(0, run.Status);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task A_dangling_link_is_followed_where_its_file_can_be_made_and_else_is_creats_error()
    {
        string link = NewPath(), target = NewPath();
        File.CreateSymbolicLink(link, target);
        string lost = File.CreateSymbolicLink(NewPath(), "/nowhere/at/all").FullName;
        string loop = NewPath();
        File.CreateSymbolicLink(loop, loop);

        Finished run = await Run(Alg8.Shmcon, [link, "--wait", "futex"], "end\n");
        run.Printed(new Slide(SegmentEntry.KeyOf(target), run.Output).Session(created: true, echoed: false, "end\n"));

        (await Run(Alg8.Shmcon, [lost])).Failed(
            "creat(): No such file or directory\nhint: this is a link to \"/nowhere/at/all\", which is not there; "
                + "any file will do");
        (await Run(Alg8.Shmcon, [loop])).Failed(
            $"creat(): Too many levels of symbolic links\nhint: \"{loop}\" is not there, and cannot be made; any "
                + "file will do");
        File.Delete(lost);
        File.Delete(loop);
    }

    [Theory(Timeout = Limit)]
    [InlineData("", "creat(): No such file or directory\nhint: the pathname is empty; any file will do")]
    [InlineData(
        "/nowhere/file",
        "creat(): No such file or directory\nhint: there is no folder \"/nowhere/\"; any file will do")]
    [InlineData(
        "nowhere/file", "creat(): No such file or directory\nhint: there is no folder \"nowhere/\"; any file will do")]
    [InlineData("/dev/null/file", "creat(): Not a directory\nhint: \"/dev/null/\" is no folder; any file will do")]
    [InlineData(
        "/proc/file",
        "creat(): No such file or directory\nhint: \"/proc/file\" is not there, and cannot be made; any file will do")]
    public async Task A_path_that_cannot_be_is_creats_error(string path, string error) =>
        (await Run(Alg8.Shmcon, [path])).Failed(error);

    [Theory(Timeout = Limit)]
    [InlineData(256)]
    [InlineData(5000)]
    [InlineData(100_000)]
    public async Task A_name_that_is_too_long_is_creats_error(int length) =>
        (await Run(Alg8.Shmcon, [new string('x', length)])).Failed(
            $"creat(): File name too long\nhint: the pathname has {length} characters; any file will do");

    [Fact(Timeout = Limit)]
    public async Task A_path_deleted_in_mid_session_is_no_longer_needed()
    {
        string path = NewFile();
        RunningProgram run = Start(Alg8.Shmcon, [path, "--wait", "futex"]);
        await run.Shows("Enter some text: ");
        Slide slide = new(SegmentEntry.KeyOf(path), run.Output);
        File.Delete(path);

        await run.Types("Hello World!\nend\n");
        (await run.Ends()).Printed(slide.Session("Hello World!\n", "end\n"));
    }

    [Fact(Timeout = Limit)]
    public async Task A_file_that_another_process_makes_between_stat_and_creat_keeps_what_is_in_it()
    {
        string path = NewPath();
        const string Slow = "inject=open,openat,creat:delay_enter=2000000"; // from the trace's line on, there is time
        RunningProgram run = Start(
            Tool.Find("strace"),
            [
                "-o", "/dev/null", "-e", Slow, "-P", path, Alg8.Shmcon, path, "--trace", "--wait", "futex"
            ]);
        await run.Complains($"stat(\"{path}\", ...) = -1 ENOENT");

        await File.WriteAllTextAsync(path, "not to be lost", TestContext.Current.CancellationToken);
        await run.Types("end\n");

        Finished end = await run.Ends();
        Assert.Contains($"creat(\"{path}\", 0644) = ", end.Error);
        Assert.Equal(0, end.Status);
        Assert.Equal("not to be lost", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
    }

    [Theory(Timeout = Limit)]
    [InlineData("alg8-1-shmcon", "PATHNAME")]
    [InlineData("alg8-4-shmpthreadcon", "FILENAME")]
    [InlineData("alg8-5-shmproducer", "FILENAME")]
    [InlineData("alg8-6-shmconsumer", "FILENAME")]
    public async Task A_name_that_is_not_UTF_8_is_refused_and_makes_nothing(string program, string argument)
    {
        Finished run =
            await Run("/bin/sh", ["-c", "exec \"$0\" \"$(printf 'caf\\351')\"", Path.Combine(Repository.Bin, program)]);

        run.FailedAtOnce($"{program}: {argument} 'caf", "': not UTF-8\n");
        Assert.DoesNotContain(Directory.EnumerateFiles(Folder), file => file.Contains("caf"));
    }

    [Fact(Timeout = Limit)]
    public async Task A_message_goes_as_the_bytes_that_it_is()
    {
        string name = NewObject();

        Finished run =
            await Run("/bin/sh", ["-c", "exec \"$0\" \"$1\" \"$(printf 'caf\\351')\"", Alg8.Shmproducer, name]);

        run.Printed("produced message: caf\u00e9\n");
    }

    /// <summary>Environments in which the output is the same.</summary>
    public static TheoryData<string[]> Environments { get; } =
    [
        new[] { "LANG=C" },
        new[] { "LANG=zh_CN.UTF-8", "LC_ALL=zh_CN.UTF-8" },
        new[] { "LANG=tr_TR.UTF-8" },
        new[] { "LANG=no_such_locale", "LANGUAGE=de" },
        new[] { "TERM=dumb" },
        new[] { "TERM=", "HOME=" },
        new[] { "HOME=/nowhere", "TMPDIR=/nowhere", "TZ=Asia/Kathmandu" },
        new[] { "COLUMNS=10", "LINES=1", "LS_COLORS=garbage", "POSIXLY_CORRECT=1" },
        new[] { "ALG8_CONTROLLER=", "ALG8_READY_FD=x", "ALG8_NEWS_FD=-1", "ALG8_TURN_FDS=0,1" },
        new[]
        {
            "ALG8_CONTROLLER=1:2:3:object:4:5:6", "ALG8_READY_FD=0:1:2", "ALG8_NEWS_FD=1:1:1",
            "ALG8_TURN_FDS=0:1:1,1:1:1,0",
        },
        new[] { "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=0", "DOTNET_GCHeapHardLimit=4000000" },
    ];

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Environments))]
    public async Task The_environment_changes_no_output(string[] variables)
    {
        string path = NewFile();
        string[] env = ["-i", $"PATH={Environment.GetEnvironmentVariable("PATH")}", .. variables];

        Finished run = await Run(Tool.Find("env"), [.. env, Alg8.Shmcon, path, "--wait", "futex"], "Hello World!\n");
        run.Printed(new Slide(SegmentEntry.KeyOf(path), run.Output).Session("Hello World!\n", "end\n"));

        run = await Run(Tool.Find("env"), [.. env, Alg8.Shmpthreadcon, NewName()]);
        Assert.StartsWith("total ", run.Output);
        Assert.Contains("\nproduced message: Hello World!\nconsumed message: Hello World!\ntotal ", run.Output);
    }

    [Fact(Timeout = Limit)]
    public async Task An_empty_environment_and_a_blank_argv_0_are_enough()
    {
        string path = NewFile();
        const string Exec = "%ENV = (ALG8_TEST => $ENV{ALG8_TEST}); my $p = shift; exec {$p} ' ', @ARGV";

        Finished run =
            await Run(Tool.Find("perl"), ["-e", Exec, Alg8.Shmcon, path, "--wait", "futex"], "Hello World!\n");
        Assert.EndsWith("nothing found ... \n", run.Output);
        Assert.Equal(0, run.Status);

        run = await Run(Tool.Find("perl"), ["-e", Exec, Alg8.Shmread, "nonsense"]);
        run.FailedAtOnce("alg8-2-shmread: KEY 'nonsense'");
    }

    [Theory(Timeout = Limit)]
    [InlineData("000", "-rw-rw-rw- ")]
    [InlineData("022", "-rw-r--r-- ")]
    [InlineData("077", "-rw------- ")]
    public async Task A_segment_has_the_slides_mode_whatever_the_umask_and_an_object_has_it_less_the_umask(
        string umask, string objectMode)
    {
        string path = NewFile();
        string[] masked = ["-c", $"umask {umask}; exec \"$@\"", "sh"];

        Finished run = await Run("/bin/sh", [.. masked, Alg8.Shmcon, path, "--wait", "futex"], "end\n");
        run.Printed(new Slide(SegmentEntry.KeyOf(path), run.Output).Session("end\n"));

        string name = NewName();
        run = await Run("/bin/sh", [.. masked, Alg8.Shmpthreadcon, name]);
        Assert.Contains(run.Output.Split('\n'), line => line.StartsWith(objectMode) && line.EndsWith(name));
    }

    [Fact(Timeout = Limit)]
    public async Task The_option_mode_narrows_both()
    {
        string path = NewFile(), name = NewName();
        RunningProgram session = Start(Alg8.Shmcon, [path, "--wait", "futex", "--mode", "0600"]);
        await session.Shows("Enter some text: ");
        Assert.Equal("600", SegmentOf(path)!.Mode);
        await session.Types("end\n");
        Assert.Equal(0, (await session.Ends()).Status);

        Finished run =
            await Run("/bin/sh", ["-c", "umask 0; exec \"$@\"", "sh", Alg8.Shmpthreadcon, name, "--mode", "0640"]);
        Assert.Contains(run.Output.Split('\n'), line => line.StartsWith("-rw-r----- ") && line.EndsWith(name));
    }

    [Theory(Timeout = Limit)]
    [InlineData("#!/nowhere/at/all\n", "No such file or directory\nhint: the interpreter in its first line")]
    [InlineData("not a program\n", "Exec format error\nhint: it is no program")]
    [InlineData("", "Exec format error\nhint: it is no program")]
    public async Task A_child_in_a_wrong_format_is_named_and_the_other_is_ended(string content, string reason)
    {
        string path = NewFile(), name = NewName(), child = NewPath();
        await File.WriteAllTextAsync(child, content, TestContext.Current.CancellationToken);
        Syscall.chmod(child, FilePermissions.S_IRWXU);

        (await Run(Alg8.Shmcon, [path, "--writer", child])).Failed($"shmcon: execv({child}): {reason}", "removed");
        (await Run(Alg8.Shmpthreadcon, [name, "--consumer", child])).Failed(
            $"con: execv({child}): {reason}", "removed");

        Assert.Null(SegmentOf(path));
        Assert.False(File.Exists(ObjectPath(name)));
    }

    [Theory(Timeout = Limit)]
    [InlineData("", "No such file or directory\nhint: the name of the program is empty\n")]
    [InlineData("nowhere", "No such file or directory\nhint: there is no \"nowhere\" in the current folder; ")]
    [InlineData("/nowhere/at/all", "No such file or directory\nhint: there is no such file\n")]
    [InlineData(
        "/dev/null/child", "Not a directory\nhint: \"/dev/null/child\" goes through a file that is no folder\n")]
    public async Task A_child_that_is_nowhere_is_told_as_execv_tells_it(string child, string reason)
    {
        (await Run(Alg8.Shmcon, [NewFile(), "--reader", child])).Failed($"shmcon: execv({child}): {reason}");
        (await Run(Alg8.Shmpthreadcon, [NewName(), "--producer", child])).Failed($"con: execv({child}): {reason}");
    }

    [Fact(Timeout = Limit)]
    public async Task A_current_folder_that_is_removed_holds_no_child_and_the_suites_own_are_found()
    {
        const string Gone = "mkdir gone && cd gone && rmdir ../gone && exec \"$@\"";

        (await Run("/bin/sh", ["-c", Gone, "sh", Alg8.Shmpthreadcon, NewName(), "--producer", "child"])).Failed(
            "con: execv(child): No such file or directory\n");
        Assert.Equal(0, (await Run("/bin/sh", ["-c", Gone, "sh", Alg8.Shmpthreadcon, NewName()])).Status);
    }

    [Fact(Timeout = Limit)]
    public async Task A_child_that_may_not_be_executed_is_told_what_it_lacks()
    {
        (await Run(Alg8.Shmcon, [NewFile(), "--reader", NewFile()])).Failed(
            "Permission denied\nhint: it may not be executed; if it is a program, chmod +x");
        (await Run(Alg8.Shmcon, [NewFile(), "--reader", Folder])).Failed("Permission denied\nhint: it is a folder\n");
    }

    [Fact(Timeout = Limit)]
    public async Task A_controller_without_its_children_beside_it_is_told_where_they_belong()
    {
        string folder =
            Directory.CreateDirectory(NewPath()).FullName, alone = Path.Combine(folder, Path.GetFileName(Alg8.Shmcon));
        foreach (
            string file in Directory.EnumerateFiles(Repository.Bin).Where(
                file => file == Alg8.Shmcon || !Path.GetFileName(file).StartsWith("alg8-")))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        (await Run(alone, [NewFile()])).Failed(
            $"shmcon: execv({folder}/alg8-2-shmread): No such file or directory\nhint: the programs of the suite "
                + "belong into one folder: ./run.sh build");
    }
}
