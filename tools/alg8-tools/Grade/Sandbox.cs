using System.Diagnostics;
using Algorithms.Linux;

namespace Algorithms;

/// <summary>
/// Command lines of bubblewrap, and of what must be done before it: namespaces of its own, in which root is a user without any
/// right outside, with this machine's tools to read and one small file system to write into.
/// </summary>
internal sealed class Sandbox
{
    /// <summary>What the process that watches from inside may still do: be the submission's user, signal its processes, look at them.</summary>
    private static readonly string[] _capabilities = ["CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP", "CAP_KILL", "CAP_SYS_PTRACE"];

    // Root's whole name is that of the mapped user inside, so that none of its rights is left. Other people's folders are
    // closed to that user: what lies in them is mounted where it is not, as root, before.
    private const string BindThenRun = """while [ "$1" != -- ]; do mount --rbind "$1" "$2"; shift 2; done; shift; exec "$@" """;
    private const string AwaitMapThenRun = """read -r _ && exec "$@" """;

    private readonly string _temp, _root;
    private readonly int _megabytes;

    /// <summary>A sandbox for many runs.</summary>
    /// <param name="temp">A folder for the time of the run, which anybody may pass through.</param>
    /// <param name="megabytes">The size of what a submission may write into.</param>
    public Sandbox(string temp, int megabytes)
    {
        (_temp, _megabytes) = (temp, megabytes);
        _root = Directory.CreateDirectory(Path.Combine(temp, "root")).FullName;
    }

    /// <summary>The commands without which there is none; null where all are installed.</summary>
    public static string? Missing =>
        ((string[])["bwrap", "unshare", "setpriv", "prlimit", "setsid", "mount"]).FirstOrDefault(command => Programs.Find(command) is null);

    /// <summary>The command line that runs a command in it.</summary>
    /// <param name="users">As root: the host's users in it. Its user 0 watches, its user 1 is the submission's. Null for a user.</param>
    /// <param name="suite">The folder of the suite's programs.</param>
    /// <param name="archive">The submission's files.</param>
    /// <param name="dotnet">The folder of .NET; null if there is none.</param>
    /// <param name="packages">The folder of NuGet packages; null if there is none, or nothing is built.</param>
    /// <param name="command">What to run, by paths in it.</param>
    public string[] Command(UserPair? users, string suite, string archive, string? dotnet, string? packages, string[] command)
    {
        string script = Embedded("sandbox.sh");
        List<(string From, string To)> early = [];
        string Reachable(string path, string name)
        {
            if (users is null || IsOpen(path))
                return path;
            string place = Directory.CreateDirectory(Path.Combine(_temp, name)).FullName;
            early.Add((path, place));
            return place;
        }

        string[] inside =
        [
            Programs.Need("sh"), "-c", script, "sh", _root, users is null ? "0" : "1", $"{_megabytes}",
            .. Bwrap(suite, archive, dotnet is null ? null : (Reachable(dotnet, "dotnet"), dotnet), packages is null ? null : Reachable(packages, "packages")),
            .. command,
        ];
        string[] namespaces = [Programs.Need("unshare"), "--user", "--ipc", "--mount"];
        string[] line = users is null
            ? [.. namespaces, "--map-root-user", .. inside]
            : [.. namespaces, "--keep-caps", Programs.Need("sh"), "-c", AwaitMapThenRun, "sh", Programs.Need("setpriv"), "--reuid=0", "--regid=0", "--clear-groups", .. inside];
        return early.Count == 0 ? line
            : [Programs.Need("unshare"), "--mount", Programs.Need("sh"), "-c", BindThenRun, "sh", .. early.SelectMany(bind => (string[])[bind.From, bind.To]), "--", .. line];
    }

    /// <summary>As root: say who the users of a new namespace are, and let it go on.</summary>
    /// <param name="process">It, started by <see cref="Command"/>.</param>
    /// <param name="users">The host's users.</param>
    public static void Map(Process process, UserPair users)
    {
        const int MostMilliseconds = 10_000;

        string ours = NamespaceOf("self");
        for (long end = Environment.TickCount64 + MostMilliseconds; Environment.TickCount64 < end && !process.HasExited; Thread.Sleep(1))
        {
            if (NamespaceOf($"{process.Id}") is { Length: > 0 } theirs && theirs != ours)
            {
                File.WriteAllText($"/proc/{process.Id}/uid_map", users.Map);
                File.WriteAllText($"/proc/{process.Id}/gid_map", users.Map);
                break;
            }
        }

        process.StandardInput.BaseStream.Write("\n"u8);
        process.StandardInput.BaseStream.Flush();
    }

    private static string NamespaceOf(string process)
    {
        try
        {
            return new FileInfo($"/proc/{process}/ns/user").LinkTarget ?? "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private IEnumerable<string> Bwrap(string suite, string archive, (string From, string To)? dotnet, string? packages) =>
    [
        Programs.Need("bwrap"), "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try",
        "--as-pid-1", "--die-with-parent", "--new-session",
        "--cap-drop", "ALL", .. _capabilities.SelectMany(name => (string[])["--cap-add", name]),
        .. ((string[])["usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "etc", "opt", "nix", "gnu"]).SelectMany(Tools),
        "--proc", "/proc", "--dev", "/dev",
        "--bind", Path.Combine(_root, "shm"), "/dev/shm", "--bind", Path.Combine(_root, "tmp"), "/tmp", "--bind", Path.Combine(_root, "work"), "/work",
        "--dir", "/alg8", "--ro-bind", suite, "/alg8/suite", "--ro-bind", archive, "/alg8/archive",
        .. (string[])(packages is null ? [] : ["--ro-bind", packages, "/alg8/packages"]),
        .. (string[])(dotnet is { } found ? ["--ro-bind", found.From, found.To] : []),
        "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/work", "--",
    ];

    private static string[] Tools(string folder) =>
        new DirectoryInfo($"/{folder}").LinkTarget is { } target ? ["--symlink", target, $"/{folder}"] : ["--ro-bind-try", $"/{folder}", $"/{folder}"];

    private static string Embedded(string name)
    {
        using StreamReader reader = new(typeof(Sandbox).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    /// <summary>Whether any user may pass through all folders that lead to one, and read it.</summary>
    public static bool IsOpen(string folder)
    {
        for (string? path = folder; path is not null; path = Path.GetDirectoryName(path))
        {
            UnixFileMode needed = path == folder ? UnixFileMode.OtherRead | UnixFileMode.OtherExecute : UnixFileMode.OtherExecute;
            if ((File.GetUnixFileMode(path) & needed) != needed)
                return false;
        }

        return true;
    }
}

/// <summary>As root: two users of the host that own nothing, for one check. The one watches, the other is the submission's.</summary>
/// <param name="Watcher">Who watches; the submission's is the next.</param>
internal readonly record struct UserPair(uint Watcher)
{
    public uint Submission => Watcher + 1;

    /// <summary>A user namespace's map: its users 0 and 1 are these.</summary>
    public string Map => $"0 {Watcher} 2\n";
}
