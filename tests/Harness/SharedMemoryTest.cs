using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Algorithms.Linux;
using Mono.Unix.Native;

namespace Algorithms.Tests.Harness;

/// <summary>
/// A test that owns what it uses: a temporary folder, paths, keys, names in /dev/shm, processes. Nothing of it is
/// shared with another test or another run, and all of it goes at the end, whatever happens. What the programs
/// themselves leave behind fails a test that would have passed.
/// </summary>
public abstract class SharedMemoryTest : IAsyncDisposable
{
    /// <summary>The limit of each test, in milliseconds: one that takes longer hangs.</summary>
    protected const int Limit = 120_000;

    /// <summary>The limit of a test that builds, or that starts hundreds of processes.</summary>
    protected const int LongLimit = 600_000;

    private const string Marker = "ALG8_TEST";
    private const string Objects = "/dev/shm";

    private readonly string id =
        $"alg8-test-{Environment.ProcessId}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";

    private readonly List<RunningProgram> programs = [];
    private readonly List<uint> keys = [];
    private readonly List<int> madeSegments = [];
    private readonly List<string> madeObjects = [];
    private int count;

    // Held while something is made, and while all is removed: a test beyond its limit, or one of a run that is ended,
    // goes on meanwhile. What it would make after its end, nothing would remove.
    private readonly Lock owning = new();
    private bool isOver;

    // The tests that run now. A run that is ended from outside disposes of nothing.
    private static readonly HashSet<SharedMemoryTest> Running = [];
    private static bool isEnding;

    static SharedMemoryTest() => AppDomain.CurrentDomain.ProcessExit += (_, _) => EndAll();

    protected SharedMemoryTest()
    {
        lock (Running)
        {
            ObjectDisposedException.ThrowIf(isEnding, this);
            Folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), id)).FullName;
            Running.Add(this);
        }
    }

    /// <summary>The test's own temporary folder, in which its programs start.</summary>
    protected string Folder { get; }

    // ---- names that are not in use

    /// <summary>A path of this test's own, at which nothing is yet.</summary>
    protected string NewPath() => Path.Combine(Folder, $"path-{Next()}");

    /// <summary>
    /// Waits until a process's first thread has gone to sleep some times more: it has looked around as often.
    /// </summary>
    internal static Task SleepsAgain(int pid)
    {
        const int Times = 6;

        int before = Sleeps();
        return Wait.Until(() => Sleeps() >= before + Times, () => $"the looks around of process {pid}");

        int Sleeps() => int.Parse(
            File.ReadLines($"/proc/{pid}/status").First(
                line => line.StartsWith("voluntary_ctxt_switches:", StringComparison.Ordinal)).Split('\t')[1],
            CultureInfo.InvariantCulture);
    }

    /// <summary>A path of this test's own, with an empty file.</summary>
    protected string NewFile()
    {
        string path = NewPath();
        File.WriteAllBytes(path, []);
        return path;
    }

    /// <summary>A name for /dev/shm that is not in use.</summary>
    protected string NewName() => $"{id}-{Next()}";

    /// <summary>The object of that name, as a file.</summary>
    protected static string ObjectPath(string name) => Path.Combine(Objects, name);

    /// <summary>A key of seven hexadecimal digits or less that no segment has.</summary>
    protected string NewKey()
    {
        uint key;
        do
        {
            key = (uint)RandomNumberGenerator.GetInt32(1, 0x0fff_ffff);
        }
        while (SegmentEntry.Find(key) is not null);
        Own(() => keys.Add(key));
        return key.ToString("x", CultureInfo.InvariantCulture);
    }

    // ---- what a test makes by hand

    /// <summary>A segment made by hand, as another program would: zeros, mode 0666, and a key of its own.</summary>
    internal async Task<SegmentEntry> NewSegment(int size = SegmentEntry.LectureSize)
    {
        string[] arguments = ["-M", size.ToString(CultureInfo.InvariantCulture), "-p", "0666"];
        Finished made = await Run(Tool.Find("ipcmk"), arguments);
        int shmid = int.Parse(made.Output.Split(':')[1], CultureInfo.InvariantCulture);
        Own(() => madeSegments.Add(shmid));
        return SegmentEntry.Find(shmid)!;
    }

    /// <summary>An object in /dev/shm made by hand, of zeros or of these bytes.</summary>
    protected string NewObject(byte[]? bytes = null)
    {
        string name = NewName();
        Own(() =>
        {
            madeObjects.Add(name);
            File.WriteAllBytes(ObjectPath(name), bytes ?? new byte[SegmentEntry.LectureSize]);
        });
        return name;
    }

    /// <summary>An executable script of /bin/sh, in place of a child program.</summary>
    protected string NewScript(string body)
    {
        string path = NewPath();
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.UserExecute);
        return path;
    }

    /// <summary>
    /// Removes the segment of a key, which a program has left because it should; returns what it was.
    /// </summary>
    internal static SegmentEntry Remove(string key)
    {
        SegmentEntry? segment = SegmentEntry.Find(Convert.ToUInt32(key, 16));
        Assert.NotNull(segment);
        Remove([segment.Id]);
        return segment;
    }

    // ---- processes

    /// <summary>
    /// Starts a program, marked as this test's, and its children with it. A name without a folder is a tool that the
    /// machine may lack: then the test is skipped.
    /// </summary>
    internal RunningProgram Start(
        string file, IEnumerable<string> arguments, string? folder =
            null, params (string Name, string? Value)[] variables)
    {
        return Own(() =>
        {
            RunningProgram program = new(file, arguments, folder ?? Folder, Marked(variables));
            programs.Add(program);
            return program;
        });
    }

    /// <summary>Runs a program to its end with this standard input.</summary>
    internal async Task<Finished> Run(
        string file,
        IEnumerable<string> arguments,
        string input = "",
        string? folder = null,
        params (string Name, string? Value)[] variables)
    {
        RunningProgram program = Start(file, arguments, folder, variables);
        await program.Types(input);
        return await program.Ends();
    }

    /// <summary>Lets the processes of this test go on that are stopped.</summary>
    protected void Continue()
    {
        foreach (LiveProcess process in Ours())
        {
            process.Send(Signum.SIGCONT);
        }
    }

    /// <summary>
    /// The command that runs another one apart: with System V segments of its own, and with a view of the file system
    /// of its own, which a shell's commands prepare.
    /// </summary>
    internal async Task<string[]> Apart(string prepare, params string[] command)
    {
        string[] unshare = [Tool.Find("unshare"), "--map-root-user", "--mount", "--ipc"];
        if ((await Run(unshare[0], [.. unshare[1..], "true"])).Status != 0)
        {
            Tool.Miss("This test needs the right to make namespaces.");
        }

        return [.. unshare, "sh", "-c", $"{prepare} && exec \"$@\"", "sh", .. command];
    }

    /// <summary>Runs a program apart, to its end.</summary>
    internal async Task<Finished> RunApart(string prepare, params string[] command)
    {
        string[] apart = await Apart(prepare, command);
        return await Run(apart[0], apart[1..]);
    }

    /// <summary>The processes of this test, and theirs, that run now.</summary>
    internal IEnumerable<LiveProcess> Ours() => LiveProcess.With(Marker, id);

    /// <summary>Opens a terminal of 100 columns and 60 lines and runs a program in it.</summary>
    internal Task<Terminal> OpenTerminal(params string[] command) => OpenTerminal(100, 60, command);

    /// <summary>The same, of so many columns and lines.</summary>
    internal Task<Terminal> OpenTerminal(int columns, int lines, params string[] command) => Terminal.Open(
        (file, arguments) =>
            Own(() => new RunningProgram(file, arguments, Folder, Marked([]))), Folder, command, columns, lines);

    /// <summary>A PATH with all that this one holds, but not these.</summary>
    protected string PathWithout(params string[] names)
    {
        string folder = Directory.CreateDirectory(NewPath()).FullName;
        foreach (string directory in Environment.GetEnvironmentVariable("PATH")!.Split(':').Where(Directory.Exists))
        {
            foreach (string file in Directory.EnumerateFiles(directory))
            {
                string link = Path.Combine(folder, Path.GetFileName(file));
                if (!names.Contains(Path.GetFileName(file)) && !File.Exists(link))
                {
                    File.CreateSymbolicLink(link, file);
                }
            }
        }

        return folder;
    }

    // Makes what the test's end removes; a test that is over makes nothing any more.
    private T Own<T>(Func<T> make)
    {
        lock (owning)
        {
            ObjectDisposedException.ThrowIf(isOver, this);
            return make();
        }
    }

    private void Own(Action make) => Own(() =>
    {
        make();
        return 0;
    });

    private int Next() => Own(() => ++count);

    private Dictionary<string, string?> Marked(IEnumerable<(string Name, string? Value)> variables)
    {
        Dictionary<string, string?> environment = new() { [Marker] = id };
        foreach ((string name, string? value) in variables)
        {
            environment[name] = value;
        }

        return environment;
    }

    // ---- the end

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        (LiveProcess[] running, SegmentEntry[] segments, string[] objects) = CleanUp();
        lock (Running)
        {
            Running.Remove(this);
        }

        // One that failed, or that was skipped half-way, has had no chance to end what it had started.
        if (TestContext.Current.TestState is not { Result: TestResult.Failed or TestResult.Skipped })
        {
            Assert.Multiple(
                () => Assert.Empty(running),
                () => Assert.Empty(segments),
                () => Assert.Empty(objects.Except(madeObjects)));
        }

        return ValueTask.CompletedTask;
    }

    // One test that cannot be cleaned up after keeps no other from it.
    private static void EndAll()
    {
        SharedMemoryTest[] running;
        lock (Running)
        {
            isEnding = true;
            running = [.. Running];
        }

        foreach (SharedMemoryTest test in running)
        {
            try
            {
                test.CleanUp();
            }
            catch (Exception failed) when (failed is SystemException)
            {
                System.Console.Error.WriteLine($"{test.id} is not cleaned up: {failed}");
            }
        }
    }

    // Removes all that there still is of this test, once, and reports what the programs should have removed.
    private (LiveProcess[] Running, SegmentEntry[] Segments, string[] Objects) CleanUp()
    {
        lock (owning)
        {
            if (isOver)
            {
                return ([], [], []);
            }

            isOver = true;
            return RemoveAll();
        }
    }

    private (LiveProcess[] Running, SegmentEntry[] Segments, string[] Objects) RemoveAll()
    {
        HashSet<int> ours = [.. programs.Select(program => program.Id)];
        LiveProcess[] running = [.. Ours()];
        End(running);
        programs.ForEach(program => program.Dispose());

        HashSet<uint> files =
            [.. Directory.EnumerateFiles(Folder).Where(File.Exists).Select(path => SegmentEntry.KeyOf(path, 0))];
        SegmentEntry[] segments =
        [
            .. SegmentEntry.All().Where(segment => !madeSegments.Contains(segment.Id)
                && (ours.Contains(segment.Creator)
                    || keys.Contains(segment.Key)
                    || (segment.Key != 0 && files.Contains(segment.Key & 0xffffff)))),
        ];
        string[] objects =
        [
            .. Directory.EnumerateFileSystemEntries(Objects, $"*{id}*").Select(path => Path.GetFileName(path)),
        ];

        objects.ToList().ForEach(name => File.Delete(ObjectPath(name)));
        Remove(
            [
                .. segments.Select(segment => segment.Id),
                .. madeSegments.Where(id => SegmentEntry.Find(id) is not null),
            ]);
        DeleteFolder();
        return (running, segments, objects);
    }

    // Asked first: then they remove what only they know of, such as a temporary folder.
    private void End(LiveProcess[] processes)
    {
        foreach (LiveProcess process in processes)
        {
            process.Send(Signum.SIGTERM);
        }

        SpinWait.SpinUntil(() => !Ours().Any(), processes.Length > 0 ? TimeSpan.FromSeconds(2) : TimeSpan.Zero);
        SpinWait.SpinUntil(
            () =>
            {
                LiveProcess[] left = [.. Ours()];
                Array.ForEach(left, process => process.Send(Signum.SIGKILL));
                return left.Length == 0;
            },
            Wait.Hung);
    }

    // A test beyond its limit may write a file at the very moment.
    private void DeleteFolder()
    {
        bool isDeleted = SpinWait.SpinUntil(
            () =>
            {
                try
                {
                    Directory.Delete(Folder, recursive: true);
                    return true;
                }
                catch (IOException)
                {
                    return false;
                }
            },
            TimeSpan.FromSeconds(2));
        if (!isDeleted)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    // Waits in any case: a test beyond its limit is cleaned up after like any other.
    private static void Remove(IReadOnlyCollection<int> segments)
    {
        if (segments.Count > 0)
        {
            using Process ipcrm =
                Programs.Start(Programs.At(Programs.Need("ipcrm"), segments.SelectMany(id => new[] { "-m", $"{id}" })));
            ipcrm.WaitForExit();
        }
    }
}
