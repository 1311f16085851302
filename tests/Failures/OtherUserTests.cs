using Algorithms.Tests.Harness;
using Mono.Unix.Native;

namespace Algorithms.Tests.Failures;

/// <summary>
/// Another user's segments and objects are never touched, by root neither; who owns them is told. These tests are
/// root's, and run programs as nobody.
/// </summary>
public sealed class OtherUserTests : FaultTest
{
    private const string Nobody = "65534";

    [Theory(Timeout = Limit)]
    [InlineData("0666", "shmcon: shmget(): Operation not permitted\n")]
    [InlineData("0600", "shmcon: shmget(): Permission denied\n")]
    public async Task Nobody_takes_over_no_leftover_of_roots(string mode, string error)
    {
        string path = NewFile();
        await MakeSegment(path, mode);

        Finished run = await RunAsNobody("alg8-1-shmcon", path);

        run.Failed(
            error, $"owner root, mode {mode}, 4100 bytes, nattch 0, ", "; only root may remove it\n",
            "another PATHNAME");
        Assert.DoesNotContain("ipcrm", run.Error);
        await RemoveSegment(path);
    }

    [Theory(Timeout = Limit)]
    [InlineData("alg8-2-shmread", "shread: shmget(): Permission denied\n")]
    [InlineData("alg8-3-shmwrite", "shmwrite: shmget(): Permission denied\n")]
    public async Task Reader_and_writer_tell_who_owns_a_segment_that_they_may_not_use(string program, string error)
    {
        string path = NewFile();
        await MakeSegment(path, "0600");

        Finished run = await RunAsNobody(program, SegmentOf(path)!.Hex);

        run.Failed(
            error, "owner root, mode 0600, 4100 bytes, nattch 0, ", "; only root may remove it\n", "another PATHNAME");
        Assert.DoesNotContain("ipcrm", run.Error);
        await RemoveSegment(path);
    }

    [Theory(Timeout = Limit)]
    [InlineData("alg8-4-shmpthreadcon", "666", "con: shm_open(): Permission denied\n")]
    [InlineData("alg8-4-shmpthreadcon", "600", "con: shm_open(): Permission denied\n")]
    [InlineData("alg8-5-shmproducer", "600", "producer: shm_open(): Permission denied\n")]
    [InlineData("alg8-6-shmconsumer", "600", "consumer: shm_open(): Permission denied\n")]
    public async Task The_owner_of_an_object_is_told(string program, string mode, string error)
    {
        string name = NewObject();
        await Run("/bin/chmod", [mode, ObjectPath(name)]);

        Finished run = await RunAsNobody(program, name);

        run.FailedAtOnce(
            error, $"hint: {ObjectPath(name)}: owner root, mode 0{mode}, 4100 bytes, ", "; only root may remove it\n",
            "another ");
        Assert.DoesNotContain("rm /dev/shm", run.Error);
    }

    [Fact(Timeout = Limit)]
    public async Task Root_takes_over_no_leftover_of_anothers()
    {
        string path = NewFile(), name = NewObject();
        await MakeSegment(path, "0666", AsNobody());
        await Run("/bin/chown", [Nobody, ObjectPath(name)]);

        (await Run(Alg8.Shmcon, [path])).Failed("shmcon: shmget(): File exists\n", "owner nobody");
        (await Run(Alg8.Shmpthreadcon, [name])).FailedAtOnce("con: shm_open(): File exists\n", "owner nobody");

        await RemoveSegment(path);
    }

    [Fact(Timeout = Limit)]
    public async Task An_object_in_use_by_another_users_process_of_which_proc_tells_nothing_is_refused()
    {
        string name = NewObject();
        await Run("/bin/chown", [Nobody, ObjectPath(name)]);
        RunningProgram open = Start("/bin/sh", ["-c", $"exec 3<{ObjectPath(name)}; echo open; read -r line"]);
        await open.Shows("open\n");

        Finished run = await RunAsNobody("alg8-4-shmpthreadcon", name);

        run.FailedAtOnce("con: shm_open(): File exists\n", "in use by nobody that /proc shows");
        await open.Ends();
        Assert.Contains("took over", (await RunAsNobody("alg8-4-shmpthreadcon", name)).Error);
    }

    [Fact(Timeout = Limit)]
    public async Task The_death_of_another_users_peer_is_seen_though_proc_tells_nothing_of_it()
    {
        SegmentEntry segment = await NewSegment();
        RunningProgram reading = Start(AsNobody()[0], [.. AsNobody()[1..], ForAll("alg8-2-shmread"), segment.Hex]);
        await reading.Shows("ready ...");
        RunningProgram writing = Start(Alg8.Shmwrite, [segment.Hex]);
        await writing.Shows("Enter some text: ");
        await SleepsAgain(reading.Id);

        Send(writing.Id, Signum.SIGKILL);

        (await reading.IsGone()).Failed(
            $"shmread: the writer (pid {writing.Id}) is gone; not delivered: its next message\n");
    }

    [Fact(Timeout = Limit)]
    public async Task Another_users_watch_that_comes_and_goes_is_nobodys_peer()
    {
        SegmentEntry segment = await NewSegment();
        RunningProgram reading = Start(AsNobody()[0], [.. AsNobody()[1..], ForAll("alg8-2-shmread"), segment.Hex]);
        await reading.Shows("ready ...");
        RunningProgram watch = Start(Alg8.Tools, ["watch", segment.Hex]);
        await watch.Shows("nattch 2 with this watch");
        await SleepsAgain(reading.Id);
        Send(watch.Id, Signum.SIGTERM);
        await watch.IsGone();
        await SleepsAgain(reading.Id);

        RunningProgram writing = Start(Alg8.Shmwrite, [segment.Hex]);
        await writing.Types("still there\n");
        await reading.Shows("You wrote: still there\n");
        await writing.Types("end\n");
        Assert.Equal(0, (await reading.IsGone()).Status);
        await writing.Ends();
    }

    [Fact(Timeout = Limit)]
    public async Task The_death_of_another_users_peer_is_seen_beside_another_users_watch()
    {
        SegmentEntry segment = await NewSegment();
        RunningProgram reading = Start(AsNobody()[0], [.. AsNobody()[1..], ForAll("alg8-2-shmread"), segment.Hex]);
        await reading.Shows("ready ...");
        RunningProgram writing = Start(Alg8.Shmwrite, [segment.Hex]);
        await writing.Shows("Enter some text: ");
        RunningProgram watch = Start(Alg8.Tools, ["watch", segment.Hex]);
        await watch.Shows("nattch 3 with this watch");
        await SleepsAgain(reading.Id);

        Send(writing.Id, Signum.SIGKILL);

        (await reading.IsGone()).Failed(
            $"shmread: the writer (pid {writing.Id}) is gone; not delivered: its next message\n");
        Send(watch.Id, Signum.SIGTERM);
        await watch.IsGone();
    }

    [Fact(Timeout = Limit)]
    public async Task A_path_in_a_folder_without_permission_is_creats_error()
    {
        string folder = Directory.CreateDirectory(NewPath()).FullName;
        await Run("/bin/chmod", ["700", folder]);

        Finished run = await RunAsNobody("alg8-1-shmcon", Path.Combine(folder, "file"));

        run.Failed("creat(): Permission denied\n");
    }

    [Fact(Timeout = Limit)]
    public async Task Who_leaves_a_segment_that_only_another_may_remove_is_not_told_to_remove_it()
    {
        SegmentEntry segment = await NewSegment();
        RunningProgram reading = Start(AsNobody()[0], [.. AsNobody()[1..], ForAll("alg8-2-shmread"), segment.Hex]);
        await reading.Shows("ready ...");

        Send(reading.Id, Signum.SIGTERM);

        Assert.Equal(
            $"hint: shmid {segment.Id} stays, for whoever comes next; only root may remove it\n",
            (await reading.IsGone()).Error);
    }

    private async Task MakeSegment(string path, string mode, string[]? user = null)
    {
        string[] command =
        [
            .. user ?? [], Tool.Find("perl"), "-e", "defined shmget($ARGV[0], 4100, oct($ARGV[1]) | 01000) or die",
            $"{SegmentEntry.KeyOf(path)}", mode,
        ];
        AsNobody();
        (await Run(command[0], command[1..])).Printed("");
    }

    private Task<Finished> RemoveSegment(string path) => Run(Tool.Find("ipcrm"), ["-m", $"{SegmentOf(path)!.Id}"]);

    private Task<Finished> RunAsNobody(string program, params string[] arguments) =>
        Run(AsNobody()[0], [.. AsNobody()[1..], ForAll(program), .. arguments]);

    private static string[] AsNobody()
    {
        if (Syscall.geteuid() != 0)
        {
            Tool.Miss("This test needs to be root, to be another user too.");
        }

        return [Tool.Find("setpriv"), "--reuid", Nobody, "--regid", Nobody, "--clear-groups"];
    }

    // The executables where everybody finds them: the repository may lie in a home that is closed to others.
    private string ForAll(string program)
    {
        string bin = Path.Combine(Folder, "bin");
        if (!Directory.Exists(bin))
        {
            Directory.CreateDirectory(bin);
            foreach (
                string file in Directory.EnumerateFiles(Repository.Bin).Where(file => Path.GetFileName(file)[0] != '.'))
            {
                string copy = Path.Combine(bin, Path.GetFileName(file));
                File.Copy(file, copy);
                File.SetUnixFileMode(copy, (UnixFileMode)Convert.ToInt32("755", 8));
            }
        }

        return Path.Combine(bin, program);
    }
}
