using System.Diagnostics;
using System.Text;
using Algorithms.Linux;
using Mono.Unix.Native;

namespace Algorithms;

/// <summary>
/// The ground on which a submission's programs run: one isolation, seen from inside. It starts them under their limits,
/// sees what they make and leave, and ends them all.
/// </summary>
internal sealed class Ground : IDisposable
{
    private const string Marker = "ALG8_GRADE";
    private const int BuildMegabytes = 4096;
    private const int Megabyte = 1024 * 1024;

    private readonly List<Actor> _actors = [];
    private readonly HashSet<int> _segmentsBefore;
    private readonly HashSet<string> _objectsBefore;
    private readonly long _deadline;
    private long _looked;
    private long? _swarmingSince;

    public Ground(Plan plan, int seconds)
    {
        Plan = plan;
        _deadline = Environment.TickCount64 + (seconds * 1000L);
        if (plan.IsInit)
            HoldFirstIds();
        _segmentsBefore = [.. SegmentInfo.List().Select(segment => segment.Shmid)];
        _objectsBefore = [.. Directory.EnumerateFileSystemEntries("/dev/shm")];
    }

    public Plan Plan { get; }

    /// <summary>Nothing may take longer than this.</summary>
    public bool IsOver => Environment.TickCount64 > _deadline;

    /// <summary>What the submission has made in System V shared memory, and still is there.</summary>
    public IEnumerable<SegmentInfo> Segments =>
        from segment in SegmentInfo.List()
        where !_segmentsBefore.Contains(segment.Shmid)
            && (Plan.IsInit || segment.Owner == Plan.User || (Plan.User is null && segment.Owner == Syscall.geteuid() && (OwnKey == 0 || segment.Key != OwnKey)))
        select segment;

    /// <summary>The names of what the submission has made in /dev/shm, and still is there.</summary>
    public IEnumerable<string> Objects =>
        from path in Directory.EnumerateFileSystemEntries("/dev/shm")
        where !_objectsBefore.Contains(path) && Path.GetFileName(path) != OwnObject
            && (Plan.IsInit || (Syscall.lstat(path, out Stat stat) == 0 && stat.st_uid == (Plan.User ?? Syscall.geteuid())))
        select Path.GetFileName(path);

    /// <summary>The key of the segment that the check itself has made; 0 if none.</summary>
    public int OwnKey { get; set; }

    /// <summary>The object that the check itself has made; null if none.</summary>
    public string? OwnObject { get; set; }

    /// <summary>Processes of the submission that run, other than those that this one has started itself and knows.</summary>
    public IEnumerable<int> Strays => Running().Except(_actors.Where(actor => !actor.HasExited).Select(actor => actor.Id));

    /// <summary>Start a program as the submission's user, under the limits.</summary>
    /// <param name="file">The executable; a relative path starts at the submission's folder.</param>
    /// <param name="args">Its arguments.</param>
    public Actor Start(string file, params IEnumerable<string> args)
    {
        Actor actor = new(this, Launch(file, args), Plan.Limits.OutputKilobytes * 1024);
        _actors.Add(actor);
        return actor;
    }

    /// <summary>The command line that runs a program as the submission's user, without the limits on a check.</summary>
    public ProcessStartInfo Launch(string file, IEnumerable<string> args, bool building = false)
    {
        Confinement.KeepDescriptors(); // the .NET runtime opens its own files when it needs them
        GradeLimits limits = Plan.Limits;
        long memory = (building ? Math.Max(limits.MemoryMegabytes, BuildMegabytes) : limits.MemoryMegabytes) * 1024L * 1024;
        List<string> command = ["setpriv", "--no-new-privs"];
        if (Plan.User is { } user)
            command.AddRange([$"--reuid={user}", $"--regid={user}", "--clear-groups"]);
        if (Plan.IsInit)
            command.Add("--bounding-set=-all");
        if (Plan.IsInit || Plan.User is not null)
            command.AddRange(["--inh-caps=-all", "--ambient-caps=-all"]);
        command.AddRange(
        [
            "prlimit", $"--data={memory}", $"--fsize={(building ? memory : 16L * 1024 * 1024)}", $"--nofile={(building ? 4096 : 256)}",
            $"--cpu={(building ? limits.BuildSeconds : limits.CpuSeconds)}",
        ]);
        if (Plan.IsInit || Plan.User is not null) // without, the limit would count everything that the user runs
            command.Add($"--nproc={MostProcesses(building)}");
        command.AddRange(["setsid", "env", "--default-signal"]);
        if (!building && Programs.Find("stdbuf") is not null)
            command.AddRange(["stdbuf", "-oL"]);

        ProcessStartInfo start = Programs.At(Programs.Need(command[0]), [.. command[1..], file, .. args]);
        start.WorkingDirectory = FolderOf(file);
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        start.Environment.Clear();
        (string Name, string Value)[] environment =
        [
            ("PATH", Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin"), ("LANG", "C.UTF-8"), ("HOME", Plan.Temp), ("TMPDIR", "/tmp"),
            (Marker, Plan.Mark), ("DOTNET_ROLL_FORWARD", "Major"), ("DOTNET_CLI_TELEMETRY_OPTOUT", "1"), ("DOTNET_NOLOGO", "1"),
            ("DOTNET_CLI_UI_LANGUAGE", "en"), ("DOTNET_GENERATE_ASPNET_CERTIFICATE", "false"), ("NUGET_XMLDOC_MODE", "skip"),
            ("MSBUILDDISABLENODEREUSE", "1"), ("DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE", "true"),
        ];
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } dotnet)
            start.Environment["DOTNET_ROOT"] = dotnet;
        return start;
    }

    /// <summary>Run a tool to its end, as the submission's user.</summary>
    /// <returns>Its exit status, and all that it has printed.</returns>
    public (int Status, byte[] Output) Run(int seconds, string file, params IEnumerable<string> args)
    {
        Excess = null;
        using Actor actor = new(this, Launch(Path.IsPathRooted(file) ? file : Programs.Need(file), args, building: true), 1024 * 1024);
        actor.CloseInput();
        bool ended = actor.Ends(Environment.TickCount64 + (seconds * 1000L));
        KillAll();
        return (ended ? actor.Status : -1, Excess is null ? actor.AllBytes : Encoding.UTF8.GetBytes(Excess));
    }

    /// <summary>Wait for something, until the check's time is over.</summary>
    /// <returns>Whether it came.</returns>
    public bool Until(Func<bool> condition, int mostMilliseconds = int.MaxValue)
    {
        long end = Math.Min(_deadline, Environment.TickCount64 + (long)mostMilliseconds);
        while (!condition())
        {
            StopExcess();
            if (Environment.TickCount64 > end)
                return false;
            Thread.Sleep(2);
        }

        return true;
    }

    /// <summary>Why the submission's processes were ended, all together; null where they were not.</summary>
    public string? Excess { get; private set; }

    /// <summary>End all, where they take too much together: the kernel's own limits are of each process.</summary>
    public void StopExcess()
    {
        const int LookMilliseconds = 100, PatienceMilliseconds = 3000;

        bool isBuild = Plan.Build is not null;
        long now = Environment.TickCount64;
        if (now - _looked < LookMilliseconds)
            return;
        _looked = now;
        int[] running = [.. Running()];
        if (running.Length < MostProcesses(isBuild) * 3 / 4)
            _swarmingSince = null;
        // Who forks without end takes the processor from everybody else's checks: it need not do so until the time is over.
        else if (now - (_swarmingSince ??= now) > PatienceMilliseconds)
            Excess = "it started processes without end, and was stopped";
        int megabytes = Math.Max(Plan.Limits.AllMemoryMegabytes, isBuild ? BuildMegabytes : Plan.Limits.MemoryMegabytes);
        long files = InFilesAndSegments();
        if (files > (long)Plan.Limits.FolderMegabytes * Megabyte)
            Excess = $"its files, objects and segments took more than {Plan.Limits.FolderMegabytes} MiB together, and it was stopped";
        if (TakeMoreThan(((long)megabytes * Megabyte) - files, running))
            Excess = $"its processes took more than {megabytes} MiB of memory together, and were stopped";
        if (Excess is not null)
            KillAll();
    }

    private int MostProcesses(bool building) => building ? Math.Max(Plan.Limits.Processes, 1024) : Plan.Limits.Processes;

    // What is mapped of segments and objects counts here once more: it is little, or too much anyway.
    private static bool TakeMoreThan(long bytes, int[] running)
    {
        const int Kilobyte = 1024;
        string[] resident = ["RssAnon", "RssShmem", "VmSwap"], proportional = ["Pss_Anon", "Pss_Shmem", "SwapPss"];

        long most = bytes / Kilobyte;
        return running.Sum(Resident) > most && running.Sum(Proportional) > most;

        // What they share counts for each of them; in the other only once, but that takes the kernel longer, and can be refused.
        long Resident(int pid) => ProcFs.Kilobytes(pid, "status", resident);
        long Proportional(int pid) => ProcFs.Kilobytes(pid, "smaps_rollup", proportional) is > 0 and var pss ? pss : Resident(pid);
    }

    // What stays when no process maps it: files in memory, and segments.
    private long InFilesAndSegments()
    {
        const int Sector = 512; // the unit of st_blocks

        long files = !Plan.IsInit ? Objects.Sum(name => Syscall.lstat($"/dev/shm/{name}", out Stat stat) == 0 ? stat.st_blocks * Sector : 0)
            : Syscall.statvfs("/tmp", out Statvfs all) == 0 ? (long)((all.f_blocks - all.f_bfree) * all.f_frsize) : 0;
        return files + Segments.Sum(segment => segment.Resident);
    }

    /// <summary>Let a time pass in which something should not happen.</summary>
    public static void Pause(int milliseconds) => Thread.Sleep(milliseconds);

    /// <summary>Write an executable script into the submission's folder or the check's.</summary>
    public static void Script(string path, string body)
    {
        // Whatever the submission has put there, a link say, is not written through.
        if (Syscall.lstat(path, out Stat there) == 0 && (there.st_mode & FilePermissions.S_IFMT) == FilePermissions.S_IFDIR)
            return;
        TheirFile.Write(path, Encoding.UTF8.GetBytes($"#!/bin/sh\n{body}\n"), (FilePermissions)0b111_101_101);
    }

    /// <summary>End everything that the submission has started.</summary>
    public void KillAll()
    {
        const int MostRounds = 400; // a process that is killed may take its time, on a machine with much to do

        if (Plan.IsInit)
        {
            for (int round = 0; round < MostRounds && Running().Any(); round++)
            {
                _ = Syscall.kill(-1, Signum.SIGKILL);
                Thread.Sleep(10);
            }

            return;
        }

        for (int round = 0; round < MostRounds && Running().ToArray() is { Length: > 0 } running; round++)
        {
            foreach (int pid in running)
                _ = Syscall.kill(pid, Signum.SIGKILL);
            Thread.Sleep(10);
        }
    }

    /// <summary>End all, and take away what is left of it.</summary>
    public void Dispose()
    {
        KillAll();
        _actors.ForEach(actor => actor.Dispose());
        if (Plan.IsInit)
            return; // the namespaces end with this process, and all that is in them

        const int AtOnce = 1000;

        IEnumerable<SegmentInfo> own = OwnKey != 0 && SegmentInfo.WithKey(OwnKey) is { } made ? [made] : [];
        // Who watches may not remove what is another user's; that user may. All at once: there may be thousands.
        int[] theirs =
        [
            .. from segment in Segments.Where(segment => Plan.User is not null || segment.Attached == 0).Concat(own).ToArray()
               where Calls.shmctl(segment.Shmid, LibC.IPC_RMID, 0) == -1
               select segment.Shmid,
        ];
        foreach (int[] some in theirs.Chunk(AtOnce))
            _ = Run(10, "ipcrm", some.SelectMany(id => (string[])["-m", $"{id}"]));

        foreach (string name in Objects.Concat(OwnObject is null ? [] : [OwnObject]).ToArray())
            _ = Syscall.unlink($"/dev/shm/{name}");
    }

    // In a namespace of its own, the first segment would have the id 0, and be found by a program that looks for no id at all.
    private static void HoldFirstIds()
    {
        const int Ids = 3; // few: the lecture's controller greps its id out of all rows of ipcs

        for (int id = 0; id < Ids; id++)
            _ = Calls.shmget(LibC.IPC_PRIVATE, 1, ShmData.S_IRUSR | ShmData.S_IWUSR | LibC.IPC_CREAT);
    }

    /// <summary>Whether a process has children, all of which have ended without being waited for.</summary>
    public static bool HasOnlyZombies(int pid)
    {
        string[] children = string.Join(' ', ProcFs.ReadLines($"/proc/{pid}/task/{pid}/children")).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return children.Length > 0 && Array.TrueForAll(children, child => !ProcFs.IsAlive(int.Parse(child)));
    }

    // A controller looks for its children where it lies; or below the submission's folder, where it names them so: ./bin/shmread.
    private string FolderOf(string file)
    {
        if (!file.StartsWith(Plan.Work + "/", StringComparison.Ordinal) || Path.GetDirectoryName(file) is not { } folder || folder == Plan.Work)
            return Plan.Work;
        bool startsAbove = Wrappers.PathsIn(file).Select(path => Path.GetDirectoryName(path)!)
            .Any(below => below.Length > 0 && !Directory.Exists(Path.Combine(folder, below)) && Directory.Exists(Path.Combine(Plan.Work, below)));
        return startsAbove ? Plan.Work : folder;
    }

    private IEnumerable<int> Running() =>
        from pid in ProcFs.Others()
        where ProcFs.IsAlive(pid) && (Plan.IsInit || IsOurs(pid))
        select pid;

    // A program may have taken the mark out of its environment, but not the user whom it runs as.
    private bool IsOurs(int pid) =>
        (Plan.User is { } user && Syscall.stat($"/proc/{pid}", out Stat stat) == 0 && stat.st_uid == user)
        || HasMark(pid);

    private bool HasMark(int pid)
    {
        try
        {
            return pid != Environment.ProcessId && File.ReadAllText($"/proc/{pid}/environ").Contains($"{Marker}={Plan.Mark}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
