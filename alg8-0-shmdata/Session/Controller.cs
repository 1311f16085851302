using System.Globalization;
using System.Text;
using Algorithms.Linux;
using Mono.Unix.Native;

namespace Algorithms.Session;

/// <summary>
/// A child's view of the controller that spawned it. The suite's controllers leave variables in the environment, which a
/// C program does not look at. They go on to whatever a child starts, and may outlive the controller there: they mean
/// something to a program on the controller's memory only, and a descriptor only while it is the controller's pipe.
/// </summary>
public static class Controller
{
    /// <summary>The environment variable with the controller's process id, time of start, pid namespace and memory.</summary>
    internal const string Variable = "ALG8_CONTROLLER";

    /// <summary>The environment variable with a descriptor: a child that writes a byte to it is ready.</summary>
    internal const string ReadyVariable = "ALG8_READY_FD";

    /// <summary>The environment variable with a descriptor: from it, a child reads what became of the others.</summary>
    internal const string NewsVariable = "ALG8_NEWS_FD";

    private static readonly Origin? _handedDown = Origin.Parse(Environment.GetEnvironmentVariable(Variable));
    private static readonly int? _newsPipe = Pipe.Inherited(Environment.GetEnvironmentVariable(NewsVariable));

    private static Origin? _origin;
    private static string? _news;

    /// <summary>The process id of the suite's controller on whose memory this program is; 0 if there is none.</summary>
    public static int Pid => _origin?.Pid ?? 0;

    /// <summary>The controller's memory; null if there is no controller, or it has handed down none.</summary>
    internal static MemoryId? Memory => _origin?.Memory;

    /// <summary>Whether the controller's pipe has come down to this program: a child, and not one that was started long after.</summary>
    internal static bool IsConnected => _origin is not null && _newsPipe is not null;

    /// <summary>Whether there was a controller, and it is gone.</summary>
    public static bool IsGone() => _origin is { } origin && !IsThere(origin);

    /// <summary>Why there is no controller any more; null while there is, and where there never was.</summary>
    public static string? WhyGone() => IsGone() ? $"the controller (pid {Pid}) is gone" : null;

    /// <summary>
    /// Which other child failed, and how, as the controller tells it: also of one that died before it came to the shared
    /// memory, where nobody else could miss it. Null while it tells of none.
    /// </summary>
    public static string? News() => _news ??= ReadNews();

    /// <summary>Tell the controller that the next program may begin: this one's first lines are out, or its message is.</summary>
    public static unsafe void Ready()
    {
        if (_origin is null || Pipe.Inherited(Environment.GetEnvironmentVariable(ReadyVariable)) is not { } fd)
            return;

        byte newline = (byte)'\n';
        _ = Syscall.write(fd, &newline, 1); // nobody there to read it: then nobody waits for it
        _ = Syscall.close(fd);
    }

    /// <summary>Find out whether this program is on the controller's memory.</summary>
    /// <param name="isNamed">Whether the program's first argument names a memory; null where it has no argument.</param>
    internal static void Recognise(Func<MemoryId, bool>? isNamed)
    {
        bool isOn = _handedDown is { } origin && (origin.Memory is null || (isNamed is not null && isNamed(origin.Memory)));
        _origin = isOn ? _handedDown : null;
    }

    /// <summary>It has turned out that the memory of this program is another one of the same name.</summary>
    internal static void Disown() => _origin = null;

    /// <summary>What to hand down to the children of this process.</summary>
    /// <param name="memory">The memory that they share; null where any is meant.</param>
    internal static string HandDown(MemoryId? memory) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Environment.ProcessId}:{ProcFs.Started(Environment.ProcessId)}:{ProcFs.PidNamespace}:{memory?.HandDown() ?? ""}");

    // The pipe's other end is in the controller alone, which also tells where it has no process id, in another namespace.
    private static bool IsThere(Origin origin)
    {
        if (_newsPipe is { } fd)
            return !IsOver(fd);
        return origin.PidNamespace != ProcFs.PidNamespace || (ProcFs.IsAlive(origin.Pid) && ProcFs.Started(origin.Pid) == origin.Started);
    }

    private static bool IsOver(int fd)
    {
        Pollfd[] pipe = [new Pollfd { fd = fd, events = 0 }];
        return Syscall.poll(pipe, timeout: 0) > 0 && (pipe[0].revents & PollEvents.POLLHUP) != 0;
    }

    private static unsafe string? ReadNews()
    {
        if (_origin is null || _newsPipe is not { } fd || Syscall.poll([new Pollfd { fd = fd, events = PollEvents.POLLIN }], timeout: 0) <= 0)
            return null;

        byte* news = stackalloc byte[Pipe.Most];
        long length = Syscall.read(fd, news, Pipe.Most);
        return length > 0 ? Encoding.UTF8.GetString(news, (int)length) : null;
    }

    private sealed record Origin(int Pid, long Started, ulong PidNamespace, MemoryId? Memory)
    {
        public static Origin? Parse(string? text) =>
            text?.Split(':', 4) is [var pid, var started, var pidNamespace, var memory]
            && int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out int p)
            && long.TryParse(started, NumberStyles.None, CultureInfo.InvariantCulture, out long s)
            && ulong.TryParse(pidNamespace, NumberStyles.None, CultureInfo.InvariantCulture, out ulong n)
                ? new Origin(p, s, n, MemoryId.Parse(memory))
                : null;
    }
}
