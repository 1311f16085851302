using System.Globalization;
using System.Security.Cryptography;
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
        string rubric = RubricFor(Tight, "shmproducer");
        (string submission, SegmentEntry segment, string name) = await Hostile();
        RunningProgram bystander = Start("/bin/sleep", ["1000"]);

        Finished run = await Grade("--rubric", rubric, submission);

        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.DoesNotContain("could ", run.Output);
        Assert.Matches(@"passed +3/3  shmproducer: puts its message into the object of its name\n", run.Output);
        await Unharmed(submission, segment, name);
        Assert.True(LiveProcess.Runs(bystander.Id.ToString(CultureInfo.InvariantCulture)));
        Syscall.kill(bystander.Id, Signum.SIGKILL);
        await bystander.IsGone();
    }

    [Fact(Timeout = LongLimit)]
    public async Task Many_processes_that_take_a_little_memory_each_are_stopped_before_it_is_much()
    {
        string submission = Directory.CreateDirectory(NewPath()).FullName;
        File.Copy(Path.Combine(Repository.Root, "tests", "submissions", "greedy.c"), Path.Combine(submission, "shmproducer.c"));

        Finished run = await Grade("--rubric", RubricFor(new Dictionary<string, int> { ["memoryMegabytes"] = 64, ["allMemoryMegabytes"] = 200 }, "shmproducer"), submission);

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
        string[] nobody = [Tool.Find("setpriv"), "--reuid", "65534", "--regid", "65534", "--clear-groups"];
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

    [Fact(Timeout = LongLimit)]
    public async Task Where_namespaces_are_not_allowed_it_says_so_and_leaves_nothing_either()
    {
        Tool.Find("gcc");
        string path = Directory.CreateDirectory(NewPath()).FullName;
        foreach (string folder in Environment.GetEnvironmentVariable("PATH")!.Split(':').Where(Directory.Exists))
        {
            foreach (string file in Directory.EnumerateFiles(folder).Where(file => Path.GetFileName(file) is not ("unshare" or "bwrap")))
            {
                string link = Path.Combine(path, Path.GetFileName(file));
                if (!File.Exists(link))
                {
                    File.CreateSymbolicLink(link, file);
                }
            }
        }

        // Root in a container has no CAP_SYS_ADMIN, and may not remove another user's segment.
        string[] asInContainer = Syscall.geteuid() == 0 ? [Tool.Find("setpriv"), "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"] : ["/usr/bin/env"];
        string json = NewPath();
        RunningProgram run = Start(
            asInContainer[0],
            [.. asInContainer[1..], Repository.RunSh, "grade", "--json", json, "--rubric", RubricFor("shmread", "shmproducer"), Submission("correct")],
            variables: ("PATH", path));
        Finished finished = await run.Ends(patience: TimeSpan.FromMilliseconds(LongLimit));

        Assert.StartsWith("alg8-tools: no namespaces here (", finished.Error);
        Assert.Equal(0, finished.Status);
        Assert.Empty(Lost(json));
        if (Syscall.geteuid() == 0)
        {
            long first = 1_900_000_000 + (run.Id % 100_000 * 1000L); // the users of this run's checks
            Assert.DoesNotContain(SegmentInfo.List(), segment => segment.Owner >= first && segment.Owner < first + 1000);
            Assert.DoesNotContain(Directory.EnumerateFiles("/dev/shm"), file =>
                Syscall.stat(file, out Stat stat) == 0 && stat.st_uid >= first && stat.st_uid < first + 1000);
            Assert.DoesNotContain(Directory.EnumerateDirectories("/proc"), process =>
                Syscall.stat(process, out Stat stat) == 0 && stat.st_uid >= first && stat.st_uid < first + 1000);
        }
    }

    // A producer that knows what there is outside.
    private async Task<(string Folder, SegmentEntry Segment, string Object)> Hostile()
    {
        string submission = Directory.CreateDirectory(NewPath()).FullName;
        SegmentEntry segment = await NewSegment();
        string name = NewObject();
        File.WriteAllText(
            Path.Combine(submission, $"{unique}-shmproducer.c"),
            $"#define FOLDER \"{Folder}\"\n#define SEGMENT {segment.Id}\n#define OBJECT \"/{name}\"\n"
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
        Assert.DoesNotContain(unique, (await Run("ps", ["-eo", "comm"])).Output);
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
