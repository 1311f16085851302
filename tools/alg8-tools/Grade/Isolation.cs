using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Mono.Unix.Native;

namespace Algorithms;

/// <summary>
/// How a submission is kept apart from the machine and from others: namespaces of its own, or what comes nearest to them.
/// </summary>
internal sealed class Isolation
{
    // Above all that distributions hand out to people, services and containers.
    private const uint FirstUser = 1_900_000_000;

    private static int _users;

    private readonly string _temp;
    private readonly int _megabytes;
    private readonly Means _means;

    private Isolation(string temp, int megabytes, Means means) => (_temp, _megabytes, _means) = (temp, megabytes, means);

    private enum Means
    {
        /// <summary>util-linux unshare, and sandbox.sh.</summary>
        Unshare,

        /// <summary>bubblewrap, where unshare may not do what it needs.</summary>
        Bwrap,

        /// <summary>Limits, a user of its own where root grades, and the removal of what is left.</summary>
        None,
    }

    /// <summary>What is missing, to be told; null where namespaces keep all apart.</summary>
    public string? Warning => _means != Means.None ? null
        : $"no namespaces here ({Reason}): submissions run under limits{(IsRoot ? " and as users of their own" : "")}, "
            + $"but they see this machine's files, reach its network{(IsRoot ? "" : ", and may do to your files and processes what you may")}";

    /// <summary>How many checks of a submission may run at once: without namespaces their traces could not be told apart.</summary>
    public int MostAtOnce => _means == Means.None && !IsRoot ? 1 : int.MaxValue;

    private static bool IsRoot => Syscall.geteuid() == 0;

    private string Reason { get; init; } = "";

    // Where the suite's programs lie, for the submission's user too: root's own folders may be closed to others.
    private string Suite => field ??= PrepareSuite();

    /// <summary>Find out what this machine allows.</summary>
    /// <param name="temp">A folder for the time of the run.</param>
    /// <param name="megabytes">The size of a submission's file systems.</param>
    public static Isolation Find(string temp, int megabytes)
    {
        string reason = "";
        foreach (Means means in (Means[])[Means.Unshare, Means.Bwrap])
        {
            Isolation isolation = new(temp, megabytes, means);
            string archive = Path.Combine(temp, "probe");
            File.WriteAllBytes(archive, []);
            if (Programs.Find(means == Means.Unshare ? "unshare" : "bwrap") is null)
                continue;
            (int status, string error) = isolation.Probe(archive);
            if (status == 0)
                return isolation;
            reason = reason.Length == 0 ? error.Split('\n')[0] : reason;
        }

        return new Isolation(temp, megabytes, Means.None) { Reason = reason.Length > 0 ? reason : "no unshare" };
    }

    /// <summary>Make a submission's folder an archive: sources, or all that was built of them.</summary>
    /// <exception cref="ErrExit">It cannot be read, or holds too much.</exception>
    public void Pack(string folder, string archive)
    {
        ProcessStartInfo start = Programs.At(
            Programs.Need("tar"), "-c", "--exclude-vcs", "--exclude=obj", "--exclude=node_modules", "-C", folder, ".");
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        using Process tar = Programs.Start(start);
        tar.StandardInput.Close();
        Task<string> error = tar.StandardError.ReadToEndAsync();
        bool fits = Copy(tar.StandardOutput.BaseStream, archive, _megabytes * 1024L * 1024);
        if (!fits)
        {
            tar.Kill();
            throw ErrExit.Because($"it holds more than {_megabytes} MiB (folderMegabytes in the rubric)");
        }

        tar.WaitForExit();
        if (tar.ExitCode > 1) // 1: a file changed meanwhile, or a socket was left out
            throw ErrExit.Because($"it cannot be read: {error.Result.Split('\n')[0]}");
    }

    /// <summary>Start the inner half of grade on a plan.</summary>
    public Run Start(Plan plan, string archive)
    {
        uint? user = NextUser();
        string mark = $"{Environment.ProcessId}-{Interlocked.Increment(ref _users)}";
        string own = Path.Combine(_temp, mark);
        plan = _means switch
        {
            Means.None => plan with
            {
                IsInit = false,
                Mark = mark,
                User = user,
                Suite = Suite,
                Archive = archive,
                Work = Folder(own, "work", user),
                Temp = Folder(own, "temp", user),
                Packages = Packages,
            },
            _ => plan with
            {
                IsInit = true,
                Mark = mark,
                User = user,
                Suite = "/alg8/suite",
                Archive = "/alg8/archive",
                Work = "/work",
                Temp = "/tmp/alg8",
                Packages = Packages is null ? null : "/alg8/packages",
            },
        };
        string tools = Path.Combine(plan.Suite, Path.GetFileName(Environment.ProcessPath)!);
        return new Run(Command(archive, user ?? 0, tools, Inside.Name), plan, _means == Means.None ? own : null);
    }

    private string PrepareSuite()
    {
        const UnixFileMode Open = UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

        string suite = Path.GetDirectoryName(Environment.ProcessPath)!;
        if (!IsRoot || (_means != Means.None && (File.GetUnixFileMode(suite) & Open) == Open))
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

    private (int Status, string Error) Probe(string archive)
    {
        ProcessStartInfo start = Command(archive, NextUser() ?? 0, "/bin/sh", "-c", "cat /proc/sys/kernel/ostype >/tmp/probe && setpriv --no-new-privs --bounding-set=-all true");
        using Process probe = Programs.Start(start);
        probe.StandardInput.Close();
        Task<string> output = probe.StandardOutput.ReadToEndAsync();
        string error = probe.StandardError.ReadToEnd();
        probe.WaitForExit();
        return (probe.ExitCode, error.Trim());
    }

    private ProcessStartInfo Command(string archive, uint user, params string[] command)
    {
        string root = Directory.CreateDirectory(Path.Combine(_temp, "root")).FullName;
        string dotnet = Programs.FindDotnet() is { } found && File.ResolveLinkTarget(found, returnFinalTarget: true) is { } target
            ? Path.GetDirectoryName(target.FullName)!
            : Path.GetDirectoryName(Programs.FindDotnet()) ?? "-";
        // A session of its own: Ctrl-C is for grade alone, and the kernel shares its processors out by sessions.
        string[] outer = _means switch
        {
            Means.Unshare =>
            [
                "setsid", "unshare", .. (string[])(IsRoot ? [] : ["--user", "--map-root-user"]), "--mount", "--ipc", "--pid", "--net", "--uts", "--fork", "--kill-child",
                "sh", Script, root, $"{user}", $"{_megabytes}", Suite, archive, dotnet, Packages ?? "-", .. command,
            ],
            Means.Bwrap => ["setsid", .. Bwrap(archive, user, dotnet), .. command],
            _ => command,
        };
        ProcessStartInfo start = Programs.At(Path.IsPathRooted(outer[0]) ? outer[0] : Programs.Need(outer[0]), outer[1..]);
        start.WorkingDirectory = "/";
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        start.Environment.Clear();
        start.Environment["PATH"] = $"/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin{(dotnet is "-" or "/usr/bin" ? "" : $":{dotnet}")}";
        start.Environment["LANG"] = "C.UTF-8";
        if (dotnet != "-")
            start.Environment["DOTNET_ROOT"] = dotnet;
        return start;
    }

    // The same little file system as sandbox.sh makes, in bubblewrap's words.
    private IEnumerable<string> Bwrap(string archive, uint user, string dotnet)
    {
        yield return "bwrap";
        string[] apart =
        [
            .. (string[])(IsRoot ? [] : ["--unshare-user", "--uid", "0", "--gid", "0"]),
            "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--as-pid-1", "--die-with-parent", "--cap-add", "ALL",
        ];
        foreach (string word in apart)
            yield return word;
        foreach (string folder in (string[])["usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "etc", "opt", "nix", "gnu"])
        {
            string[] words = new DirectoryInfo($"/{folder}").LinkTarget is { } target
                ? ["--symlink", target, $"/{folder}"]
                : ["--ro-bind-try", $"/{folder}", $"/{folder}"];
            foreach (string word in words)
                yield return word;
        }

        string bytes = $"{_megabytes * 1024L * 1024}";
        string[] rest =
        [
            "--proc", "/proc", "--dev", "/dev", "--size", bytes, "--tmpfs", "/dev/shm", "--size", bytes, "--tmpfs", "/tmp", "--dir", "/tmp/alg8",
            "--size", bytes, "--tmpfs", "/work", "--dir", "/alg8", "--chmod", "0755", "/alg8", "--ro-bind", Suite, "/alg8/suite", "--ro-bind", archive, "/alg8/archive",
            .. (string[])(dotnet == "-" ? [] : ["--ro-bind", dotnet, dotnet]),
            .. (string[])(Packages is null ? [] : ["--ro-bind", Packages, "/alg8/packages"]),
            "--chmod", "1777", "/tmp", "--chmod", "1777", "/dev/shm", "--chdir", "/work",
            "sh", "-c", "trap '' HUP INT QUIT TERM USR1 USR2 ALRM XCPU VTALRM PROF; echo 1000 >/proc/self/oom_score_adj; chown \"$1:$1\" /work && shift && exec \"$@\"",
            "sh", $"{user}",
        ];
        foreach (string word in rest)
            yield return word;
    }

    private string Script => field ??= SaveScript();

    private string SaveScript()
    {
        string path = Path.Combine(_temp, "sandbox.sh");
        using Stream script = typeof(Isolation).Assembly.GetManifestResourceStream("sandbox.sh")!;
        using FileStream file = File.Create(path);
        script.CopyTo(file);
        return path;
    }

    private static string? Packages
    {
        get
        {
            string folder = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
                ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
            return Directory.Exists(folder) ? folder : null;
        }
    }

    // Where root grades, each check has a user of its own: limits count by user. A user has only itself to be.
    private static uint? NextUser()
    {
        if (!IsRoot)
            return null;
        uint number = (uint)Interlocked.Increment(ref _users) % 1000;
        // inside outside count: in a container, root may have few users to be.
        uint[][] map =
        [
            .. from line in ProcFs.ReadLines("/proc/self/uid_map")
               select line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(field => uint.Parse(field, CultureInfo.InvariantCulture)).ToArray(),
        ];
        uint wanted = FirstUser + ((uint)Environment.ProcessId % 100_000 * 1000) + number;
        return map.Any(range => wanted >= range[0] && wanted - range[0] < range[2]) ? wanted
            : map.FirstOrDefault(range => range[2] >= 60_000) is { } large ? large[0] + 40_000 + number
            : 65534;
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

        public Run(ProcessStartInfo start, Plan plan, string? folder)
        {
            _folder = folder;
            _process = Programs.Start(start);
            _error = _process.StandardError.ReadToEndAsync();
            int seconds = plan.Build is null ? Math.Max(plan.Check!.Seconds, plan.Limits.Seconds) + 30 : 600 + (plan.Limits.BuildSeconds * 3);
            _limit = new Timer(_ => Stop(), null, seconds * 1000L, Timeout.Infinite);
            try
            {
                _process.StandardInput.BaseStream.Write(JsonSerializer.SerializeToUtf8Bytes(plan, GradeJson.Default.Plan));
                _process.StandardInput.BaseStream.Write("\n"u8);
                _process.StandardInput.BaseStream.Flush();
            }
            catch (IOException)
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
            using Process rm = Programs.Start(Programs.At(Programs.Need("rm"), "-rf", "--", folder));
            rm.WaitForExit();
        }
    }
}
