using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Algorithms.Linux;
using Algorithms.Tests.Harness;
using Mono.Unix.Native;

namespace Algorithms.Tests.Grade;

/// <summary>A submission harms nobody, nothing of it outlives its check, and it gets its verdict; whoever grades.</summary>
public sealed class GradeIsolationTests : GradeTest
{
    // What it can have is soon used up; and it has the time to try all.
    private static readonly Dictionary<string, int> Tight = new()
    {
        ["memoryMegabytes"] = 64,
        ["folderMegabytes"] = 64,
        ["seconds"] = 60,
        ["cpuSeconds"] = 30,
    };

    // How the hostile program's name begins, by which its processes are known.
    private readonly string unique = $"h{RandomNumberGenerator.GetHexString(8)}";

    [Fact(Timeout = LongLimit)]
    public async Task A_hostile_submission_reaches_nothing_of_others()
    {
        await NeedIsolation();
        string rubric = RubricFor(Tight, "shmproducer"), csv = NewPath();
        (string submission, SegmentEntry segment, string name) = await Hostile();
        RunningProgram bystander = Start("/bin/sleep", ["1000"]);

        // A teacher's shell may have other files open, and a umask of 0.
        Finished run = await Start("bash", ["-c", "umask 0; exec \"$@\" 9>>results", "bash", Repository.RunSh, "grade", "--csv", csv, "--rubric", rubric, submission], folder: Folder)
            .Ends(patience: TimeSpan.FromMilliseconds(LongLimit));

        Assert.Empty(File.ReadAllText(Path.Combine(Folder, "results")));
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(csv) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite));
        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.DoesNotContain("could ", run.Output);
        Assert.Matches(@"passed +3/3  shmproducer: puts its message into the object of its name\n", run.Output);
        await Unharmed(submission, segment, name);
        Assert.True(LiveProcess.Runs(bystander.Id.ToString(CultureInfo.InvariantCulture)));
        Syscall.kill(bystander.Id, Signum.SIGKILL);
        await bystander.IsGone();
    }

    [Theory(Timeout = LongLimit)]
    [InlineData("")]
    [InlineData("#define SHARED\n")]
    public async Task Many_processes_that_take_a_little_memory_each_are_stopped_before_it_is_much(string kind)
    {
        string submission = Directory.CreateDirectory(NewPath()).FullName;
        File.WriteAllText(
            Path.Combine(submission, "shmproducer.c"), kind + File.ReadAllText(Path.Combine(Repository.Root, "tests", "submissions", "greedy.c")));
        JsonNode rubric = JsonNode.Parse(File.ReadAllText(RubricFor(new Dictionary<string, int> { ["memoryMegabytes"] = 64, ["allMemoryMegabytes"] = 200 }, "shmproducer")))!;
        JsonArray checks = rubric["checks"]!.AsArray();
        while (checks.Count > 2)
        {
            checks.RemoveAt(checks.Count - 1);
        }

        string path = NewPath();
        File.WriteAllText(path, rubric.ToJsonString());

        Finished run = await Grade("--rubric", path, submission);

        Assert.Contains("its processes took more than 200 MiB of memory together, and were stopped", run.Output);
    }

    [Fact(Timeout = LongLimit)]
    public async Task A_user_who_is_not_root_grades_as_safely()
    {
        if (Syscall.geteuid() != 0)
        {
            Tool.Miss("This test needs to be root, to be another user too.");
        }

        (string submission, SegmentEntry segment, string name) = await Hostile();
        string tools = ForAll(), rubric = RubricFor(Tight, "shmproducer");
        await Run("/bin/chmod", ["-R", "a+rwX", Folder]);
        string[] nobody = Nobody();
        if ((await Run(nobody[0], [.. nobody[1..], Tool.Find("unshare"), "--user", "--map-root-user", "--mount", "true"])).Status != 0)
        {
            Tool.Miss("This test needs a user's right to make namespaces.");
        }

        Finished run = await Start(nobody[0], [.. nobody[1..], tools, "grade", "--rubric", rubric, submission], variables: ("HOME", Folder))
            .Ends(patience: TimeSpan.FromMilliseconds(LongLimit));

        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.DoesNotContain("could ", run.Output);
        Assert.Matches(@"passed +3/3  shmproducer: puts its message into the object of its name\n", run.Output);
        await Unharmed(submission, segment, name);
    }

    [Theory(Timeout = LongLimit)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Without_a_sandbox_it_grades_only_whom_one_trusts_and_leaves_nothing_either(bool asRoot)
    {
        string[] without = [.. await WithoutSandbox(), .. asRoot ? [] : Nobody()];
        string tools = ForAll(), json = NewPath(), rubric = RubricFor("shmproducer"), submission = Submission("correct");
        await Run("/bin/chmod", ["-R", "a+rwX", Folder]);

        (await Run(without[0], [.. without[1..], tools, "grade", submission], variables: ("HOME", Folder)))
            .FailedAtOnce("alg8-tools: grade: no sandbox here (bwrap is not installed)\nhint: apt-get install bubblewrap", "hint: --trust grades without");
        RunningProgram run = Start(without[0], [.. without[1..], tools, "grade", "--trust", "--json", json, "--rubric", rubric, submission], variables: ("HOME", Folder));
        Finished finished = await run.Ends(patience: TimeSpan.FromMilliseconds(LongLimit));

        Assert.StartsWith("alg8-tools: no sandbox here (bwrap is not installed): submissions run under limits", finished.Error);
        Assert.Equal(0, finished.Status);
        Assert.Empty(Lost(json));
        if (asRoot)
        {
            NothingOf(run.Id);
        }
    }

    [Fact(Timeout = LongLimit)]
    public async Task A_hostile_submission_gains_nothing_of_roots_where_there_is_no_sandbox()
    {
        string[] without = await WithoutSandbox();
        string rubric = RubricFor(new Dictionary<string, int>(Tight) { ["folderMegabytes"] = 4096 }, "shmproducer");
        (string submission, SegmentEntry segment, string name) = await Hostile(isInSandbox: false);

        RunningProgram run = Start(without[0], [.. without[1..], Repository.RunSh, "grade", "--trust", "--rubric", rubric, submission]);
        Finished finished = await run.Ends(patience: TimeSpan.FromMilliseconds(LongLimit));

        Assert.Equal(0, finished.Status);
        Assert.DoesNotContain("could ", finished.Output);
        Assert.Contains("its processes took more than 1024 MiB of memory together, and were stopped", finished.Output); // with two thousand segments
        await Unharmed(submission, segment, name);
        NothingOf(run.Id);
    }

    [Fact(Timeout = LongLimit)]
    public async Task Where_there_is_no_sandbox_nothing_is_written_through_a_submissions_links()
    {
        string[] without = await WithoutSandbox();
        string submission = Submission("links"), target = Directory.CreateDirectory(NewPath()).FullName, program = Path.Combine(target, "alg.8-2-shmread.o");
        File.WriteAllText(program, "root's own");
        Directory.CreateSymbolicLink(Path.Combine(submission, "bin"), target);
        Edit(submission, "alg.8-1-shmcon.c", "./alg.8-2-shmread.o", "./bin/alg.8-2-shmread.o", "./alg.8-3-shmwrite.o", "./bin/alg.8-3-shmwrite.o");

        Finished run = await Start(without[0], [.. without[1..], Repository.RunSh, "grade", "--trust", "--rubric", RubricFor("shmcon"), submission])
            .Ends(patience: TimeSpan.FromMilliseconds(LongLimit));

        Assert.Equal(0, run.Status);
        Assert.Equal([program], Directory.GetFileSystemEntries(target));
        Assert.Equal("root's own", File.ReadAllText(program));
    }

    // Root where bwrap is not installed, and without CAP_SYS_ADMIN, as in a container: it may not remove another user's segment.
    private async Task<string[]> WithoutSandbox()
    {
        if (Syscall.geteuid() != 0)
        {
            Tool.Miss("This test needs to be root.");
        }

        string[] unshare = [Tool.Find("unshare"), "--mount"];
        if ((await Run(unshare[0], [.. unshare[1..], "true"])).Status != 0)
        {
            Tool.Miss("This test needs the right to make namespaces.");
        }

        return
        [
            .. unshare, "sh", "-c", $"mount --bind /dev/null {Tool.Find("bwrap")} && exec \"$@\"", "sh",
            Tool.Find("setpriv"), "--bounding-set=-sys_admin", "--inh-caps=-sys_admin",
        ];
    }

    private static string[] Nobody() => [Tool.Find("setpriv"), "--reuid", "65534", "--regid", "65534", "--clear-groups"];

    // The users of a run's checks have processes, segments and objects no more.
    private static void NothingOf(int run)
    {
        long first = 1_900_000_000 + (run % 100_000 * 1000L);
        bool IsOfThem(string path) => Syscall.lstat(path, out Stat stat) == 0 && stat.st_uid >= first && stat.st_uid < first + 1000;
        Assert.DoesNotContain(SegmentInfo.List(), segment => segment.Owner >= first && segment.Owner < first + 1000);
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries("/dev/shm"), IsOfThem);
        Assert.DoesNotContain(Directory.EnumerateDirectories("/proc"), IsOfThem);
    }

    // A producer that knows what there is outside.
    private async Task<(string Folder, SegmentEntry Segment, string Object)> Hostile(bool isInSandbox = true)
    {
        string submission = Directory.CreateDirectory(NewPath()).FullName;
        SegmentEntry segment = await NewSegment();
        string name = NewObject();
        File.WriteAllText(
            Path.Combine(submission, $"{unique}-shmproducer.c"),
            $"#define FOLDER \"{Folder}\"\n#define SEGMENT {segment.Id}\n#define OBJECT \"/{name}\"\n#define SANDBOX {(isInSandbox ? 1 : 0)}\n"
            + File.ReadAllText(Path.Combine(Repository.Root, "tests", "submissions", "hostile.c")));
        await Run("/bin/chmod", ["a+rwx", Folder, ObjectPath(name)]);
        return (submission, segment, name);
    }

    private async Task Unharmed(string submission, SegmentEntry segment, string name)
    {
        Assert.NotNull(SegmentEntry.Find(segment.Id));
        Assert.True(File.Exists(ObjectPath(name)));
        Assert.False(File.Exists(Path.Combine(Folder, "made")));
        Assert.Equal([$"{unique}-shmproducer.c"], Directory.EnumerateFileSystemEntries(submission).Select(path => Path.GetFileName(path)));
        // One that was killed is listed until init has reaped it.
        await Wait.Until(
            async () => !(await Run("ps", ["-eo", "comm"])).Output.Contains(unique, StringComparison.Ordinal),
            () => "the end of the submission's processes");
    }

    // The executables where everybody finds them: the repository may lie in a home that is closed to others.
    private string ForAll()
    {
        string bin = Directory.CreateDirectory(NewPath()).FullName;
        foreach (string file in Directory.EnumerateFiles(Repository.Bin).Where(file => Path.GetFileName(file)[0] != '.'))
        {
            File.Copy(file, Path.Combine(bin, Path.GetFileName(file)));
        }

        return Path.Combine(bin, "alg8-tools");
    }
}
