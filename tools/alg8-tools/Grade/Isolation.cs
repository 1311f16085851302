using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Algorithms.Linux;
using Algorithms.Session;
using Mono.Unix.Native;

namespace Algorithms;

/// <summary>
/// How a submission is kept apart from the machine and from others: in a sandbox, or, where there can be none and the teacher
/// trusts it, under limits and as a user of its own.
/// </summary>
internal sealed class Isolation
{
    // Above all that distributions hand out to people, services and containers.
    private const uint FirstUser = 1_900_000_000;

    private const int PackSeconds = 60, RemoveSeconds = 60;

    private static int _users;

    private readonly string _temp;
    private readonly int _megabytes;
    private readonly Sandbox? _sandbox;

    private Isolation(string temp, int megabytes, Sandbox? sandbox) => (_temp, _megabytes, _sandbox) = (temp, megabytes, sandbox);

    /// <summary>What is missing, to be told; null where a sandbox keeps all apart.</summary>
    public string? Warning { get; private init; }

    /// <summary>How many checks of a submission may run at once: without namespaces their traces could not be told apart.</summary>
    public int MostAtOnce => _sandbox is null && !IsRoot ? 1 : int.MaxValue;

    private static bool IsRoot => Syscall.geteuid() == 0;

    // Where the suite's programs lie, for the submission's user too: root's own folders may be closed to others.
    private string Suite => field ??= PrepareSuite();

    private static string? Dotnet => Programs.FindDotnet() is { } found
        ? Path.GetDirectoryName(File.ResolveLinkTarget(found, returnFinalTarget: true)?.FullName ?? found)
        : null;

    /// <summary>Find out what this machine allows.</summary>
    /// <param name="temp">A folder for the time of the run.</param>
    /// <param name="megabytes">The size of a submission's file systems.</param>
    /// <param name="trust">Whether to grade without a sandbox where there is none.</param>
    /// <exception cref="ErrExit">There is none, and the submissions are not trusted.</exception>
    public static Isolation Find(string temp, int megabytes, bool trust)
    {
        string reason;
        if (Sandbox.Missing is { } command)
        {
            reason = $"{command} is not installed";
        }
        else
        {
            Isolation isolation = new(temp, megabytes, new Sandbox(temp, megabytes));
            string archive = Path.Combine(temp, "probe");
            File.WriteAllBytes(archive, []);
            (int status, string error) = isolation.Probe(archive);
            if (status == 0)
                return isolation;
            reason = error.Length > 0 ? error.Split('\n')[0] : $"exit status {status}";
        }

        string lacks = $"no sandbox here ({reason})";
        if (!trust)
        {
            throw ErrExit.Because(
                $"{ErrExit.Program}: grade: {lacks}",
                $"{(Sandbox.Missing is null ? "docs/grading.md tells where namespaces are allowed" : "apt-get install bubblewrap util-linux")}\n"
                + $"--trust grades without: for submissions that you trust{(IsRoot ? ", or in a container that is the student's alone" : "")}");
        }

        return new Isolation(temp, megabytes, sandbox: null)
        {
            Warning = $"{lacks}: submissions run under limits{(IsRoot ? " and as users of their own" : "")}, "
                + $"but they see this machine's files, reach its network{(IsRoot ? "" : ", and may do to your files and processes what you may")}",
        };
    }

    /// <summary>Make a submission's folder an archive: sources, or all that was built of them.</summary>
    /// <exception cref="ErrExit">It cannot be read, or holds too much.</exception>
    public void Pack(string folder, string archive)
    {
        const int MostNested = 64; // tar compares each name with what to leave out, part by part

        using Timed find = new("find", PackSeconds, folder, "-mindepth", $"{MostNested + 1}", "-print", "-quit");
        if (find.Process.StandardOutput.BaseStream.ReadByte() != -1)
            throw ErrExit.Because($"its folders are nested more than {MostNested} deep");
        using Timed tar = new("tar", PackSeconds, "-c", "--exclude-vcs", "--exclude=obj", "--exclude=node_modules", "-C", folder, ".");
        if (!Copy(tar.Process.StandardOutput.BaseStream, archive, _megabytes * 1024L * 1024))
            throw ErrExit.Because($"it holds more than {_megabytes} MiB (folderMegabytes in the rubric)");
        if (tar.Status() > 1) // 1: a file changed meanwhile, or a socket was left out
            throw ErrExit.Because(tar.IsOver ? $"it could not be read within {PackSeconds} s" : $"it cannot be read: {tar.Error.Split('\n')[0]}");
    }

    /// <summary>Start the inner half of grade on a plan.</summary>
    public Run Start(Plan plan, string archive)
    {
        UserPair? users = NextUsers();
        string mark = $"{Environment.ProcessId}-{Interlocked.Increment(ref _users)}";
        string own = Path.Combine(_temp, mark);
        string? packages = plan.Build is null ? null : Packages;
        plan = _sandbox is null
            ? plan with
            {
                IsInit = false,
                Mark = mark,
                User = users?.Submission,
                Suite = Suite,
                Archive = archive,
                Work = Folder(own, "work", users?.Submission),
                Temp = Folder(own, "temp", users?.Submission),
                Packages = packages,
            }
            : plan with
            {
                IsInit = true,
                Mark = mark,
                User = users is null ? null : 1,
                Suite = "/alg8/suite",
                Archive = "/alg8/archive",
                Work = "/work",
                Temp = "/tmp/alg8",
                Packages = packages is null ? null : "/alg8/packages",
            };
        string tools = Path.Combine(plan.Suite, Path.GetFileName(Environment.ProcessPath)!);
        return new Run(Command(archive, users, packages, tools, Inside.Name), _sandbox is null ? null : users, plan, _sandbox is null ? own : null);
    }

    private string PrepareSuite()
    {
        string suite = Path.GetDirectoryName(Environment.ProcessPath)!;
        if (!IsRoot || Sandbox.IsOpen(suite))
            return suite;
        string copy = Directory.CreateDirectory(Path.Combine(_temp, "suite")).FullName;
        File.SetUnixFileMode(copy, (UnixFileMode)0b111_101_101);
        foreach (string file in Directory.EnumerateFiles(suite).Where(file => Path.GetFileName(file)[0] != '.'))
        {
            string path = Path.Combine(copy, Path.GetFileName(file));
            if (!File.Exists(path))
                File.Copy(file, path);
            File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        }

        return copy;
    }

    // All that a check needs: a file system to write into, a user of its own, a filter.
    private (int Status, string Error) Probe(string archive)
    {
        UserPair? users = NextUsers();
        string[] setpriv = ["setpriv", "--no-new-privs", .. (string[])(users is null ? [] : ["--reuid=1", "--regid=1", "--clear-groups"]), "--bounding-set=-all", "--inh-caps=-all", "true"];
        using Process probe = Programs.Start(Command(archive, users, packages: null, "/bin/sh", "-c", $": >/tmp/probe && read -r _ </proc/sys/kernel/ostype && exec {string.Join(' ', setpriv)}"));
        Task<string> output = probe.StandardOutput.ReadToEndAsync(), error = probe.StandardError.ReadToEndAsync();
        try
        {
            if (users is { } pair)
                Sandbox.Map(probe, pair);
            probe.StandardInput.Close();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended, or may not be mapped: what it says tells why, or that.
            probe.StandardInput.Close();
        }

        if (!probe.WaitForExit(30_000))
        {
            probe.Kill();
            return (-1, "it does not end");
        }

        return (probe.ExitCode, error.Result.Trim());
    }

    // A session of its own: Ctrl-C is for grade alone, and the kernel shares its processors out by sessions. A core goes nowhere:
    // with a limit of 0 it would, to a program that core_pattern names. core(5)
    private ProcessStartInfo Command(string archive, UserPair? users, string? packages, params string[] command)
    {
        string? dotnet = Dotnet;
        string[] inner = _sandbox is not null ? _sandbox.Command(users, Suite, archive, dotnet, packages, command)
            : users is { } pair ? [Programs.Need("setpriv"), .. AsWatcher(pair), .. command]
            : command;
        ProcessStartInfo start = Programs.At(Programs.Need("setsid"), [Programs.Need("prlimit"), "--core=1:1", .. inner]);
        start.WorkingDirectory = "/";
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        start.Environment.Clear();
        start.Environment["PATH"] = Programs.SearchPath;
        start.Environment["LANG"] = "C.UTF-8";
        if (dotnet is not null)
            start.Environment["DOTNET_ROOT"] = dotnet;
        return start;
    }

    // Root, where there is no sandbox: a user that may become others and signal their processes, and has no right to any file.
    // The group is the submission's: whose files are accessed as its user may look at its processes then.
    private static string[] AsWatcher(UserPair users)
    {
        const string Rights = "-all,+setuid,+setgid,+kill";

        return [$"--reuid={users.Watcher}", $"--regid={users.Submission}", "--clear-groups", $"--inh-caps={Rights}", $"--ambient-caps={Rights}"];
    }

    private static string? Packages
    {
        get
        {
            string folder = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
                ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
            return Path.IsPathRooted(folder) && Directory.Exists(folder) ? folder : null;
        }
    }

    // Where root grades, each check has users of its own: limits count by user. A user has only itself to be.
    private static UserPair? NextUsers()
    {
        const uint Pairs = 500;

        if (!IsRoot)
            return null;
        uint number = (uint)Interlocked.Increment(ref _users) % Pairs * 2;
        // inside outside count: in a container, root may have few users to be.
        uint[][] map =
        [
            .. from line in ProcFs.ReadLines("/proc/self/uid_map")
               select line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(field => uint.Parse(field, CultureInfo.InvariantCulture)).ToArray(),
        ];
        uint wanted = FirstUser + ((uint)Environment.ProcessId % 100_000 * 1000) + number;
        return new UserPair(map.Any(range => wanted >= range[0] && wanted + 1 - range[0] < range[2]) ? wanted
            : map.FirstOrDefault(range => range[2] >= 60_000) is { } large ? large[0] + 40_000 + number
            : 65533);
    }

    private static string Folder(string own, string name, uint? user)
    {
        string path = Directory.CreateDirectory(Path.Combine(own, name)).FullName;
        File.SetUnixFileMode(own, (UnixFileMode)0b111_001_001);
        File.SetUnixFileMode(path, (UnixFileMode)0b111_000_000);
        if (user is { } uid)
            _ = Syscall.chown(path, uid, uid);
        return path;
    }

    private static bool Copy(Stream from, string path, long most)
    {
        using FileStream to = new(path, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        File.SetUnixFileMode(path, (UnixFileMode)0b110_100_100); // its own user unpacks it, whatever the umask
        byte[] buffer = new byte[64 * 1024];
        while (from.Read(buffer) is > 0 and var read)
        {
            if (to.Length + read > most)
                return false;
            to.Write(buffer, 0, read);
        }

        return true;
    }

    /// <summary>One isolation at work. It ends when this is disposed, with all that is in it.</summary>
    internal sealed class Run : IDisposable
    {
        private const int MostResult = 4 << 20;

        private readonly Process _process;
        private readonly Task<string> _error;
        private readonly string? _folder;
        private readonly Timer _limit;
        private int _stopped;

        public Run(ProcessStartInfo start, UserPair? mapped, Plan plan, string? folder)
        {
            _folder = folder;
            _process = Programs.Start(start);
            _error = _process.StandardError.ReadToEndAsync();
            int seconds = plan.Build is null ? Math.Max(plan.Check!.Seconds, plan.Limits.Seconds) + 30 : 600 + (plan.Limits.BuildSeconds * 3);
            _limit = new Timer(_ => Stop(), null, seconds * 1000L, Timeout.Infinite);
            try
            {
                if (mapped is { } users)
                    Sandbox.Map(_process, users);
                _process.StandardInput.BaseStream.Write(JsonSerializer.SerializeToUtf8Bytes(plan, GradeJson.Default.Plan));
                _process.StandardInput.BaseStream.Write("\n"u8);
                _process.StandardInput.BaseStream.Flush();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has ended already: what it says on standard error tells why.
            }
        }

        /// <summary>Wait for its line of JSON.</summary>
        /// <exception cref="ErrExit">It ended without one.</exception>
        public string Result()
        {
            List<byte> line = [];
            byte[] one = new byte[1];
            Stream output = new BufferedStream(_process.StandardOutput.BaseStream, 64 * 1024);
            _output = output;
            while (line.Count < MostResult && output.Read(one) == 1)
            {
                if (one[0] == '\n')
                    return Encoding.UTF8.GetString([.. line]);
                line.Add(one[0]);
            }

            string error = _error.Wait(2000) ? _error.Result.Trim() : "";
            throw ErrExit.Because(
                Volatile.Read(ref _stopped) != 0 ? "it took too long" : error.Length > 0 ? error.Split('\n')[^1] : "the process that watches the programs was ended, by a signal of theirs perhaps");
        }

        private Stream? _output;

        /// <summary>What comes behind it, into a file.</summary>
        public void SaveRest(string path, int megabytes)
        {
            if (!Copy(_output!, path, megabytes * 2L * 1024 * 1024))
                throw ErrExit.Because($"what was built is more than {megabytes} MiB (folderMegabytes in the rubric)");
        }

        /// <summary>Let go of it: it ends by itself then, and the kernel ends what is in it before that.</summary>
        public void Release()
        {
            try
            {
                _process.StandardInput.Close();
            }
            catch (Exception e) when (e is IOException or InvalidOperationException)
            {
                // It has ended.
            }
        }

        /// <summary>End it, from any thread.</summary>
        public void Stop()
        {
            if (Interlocked.Exchange(ref _stopped, 1) == 0)
                End(300);
        }

        public void Dispose()
        {
            End(10_000);
            _limit.Dispose();
            _process.WaitForExit();
            _process.Dispose();
            if (_folder is not null)
                Remove(_folder);
        }

        private void End(int patienceMilliseconds)
        {
            Release();
            try
            {
                if (!_process.WaitForExit(patienceMilliseconds))
                    _process.Kill();
            }
            catch (InvalidOperationException)
            {
                // It has ended, and is disposed.
            }
        }

        // Read-only folders, and names that are not UTF-8, are no trouble to rm.
        private static void Remove(string folder)
        {
            using Timed rm = new("rm", RemoveSeconds, "-rf", "--", folder);
            _ = rm.Status();
        }
    }

    /// <summary>One of the system's programs at work for grade; ended where it takes too long.</summary>
    private sealed class Timed : IDisposable
    {
        private readonly Timer _limit;
        private readonly Task<string> _error;

        public Timed(string command, int seconds, params string[] args)
        {
            ProcessStartInfo start = Programs.At(Programs.Need(command), args);
            start.WorkingDirectory = "/";
            (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
            Process = Programs.Start(start);
            Process.StandardInput.Close();
            _error = Process.StandardError.ReadToEndAsync();
            _limit = new Timer(_ => Kill(isOver: true), null, seconds * 1000L, Timeout.Infinite);
        }

        public Process Process { get; }

        public bool IsOver { get; private set; }

        public string Error => _error.Result;

        public int Status()
        {
            Process.WaitForExit();
            return Process.ExitCode;
        }

        public void Dispose()
        {
            Kill(isOver: false);
            _limit.Dispose();
            Process.WaitForExit();
            Process.Dispose();
        }

        private void Kill(bool isOver)
        {
            try
            {
                if (Process.HasExited)
                    return;
                IsOver |= isOver;
                Process.Kill();
            }
            catch (InvalidOperationException)
            {
                // It has ended, and is disposed.
            }
        }
    }
}
