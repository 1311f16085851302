using System.Globalization;
using System.Text;
using Mono.Unix.Native;

namespace Algorithms;

/// <summary>
/// A child's view of the controller that spawned it. The suite's controllers leave two variables in the environment,
/// which a C program does not look at.
/// </summary>
public static class Controller
{
    /// <summary>The environment variable with the controller's process id.</summary>
    internal const string PidVariable = "ALG8_CONTROLLER";

    /// <summary>The environment variable with a descriptor: a child that writes a byte to it is ready.</summary>
    internal const string ReadyVariable = "ALG8_READY_FD";

    /// <summary>The environment variable with a descriptor: from it, a child reads what became of the others.</summary>
    internal const string NewsVariable = "ALG8_NEWS_FD";

    /// <summary>The process id of the suite's controller that spawned this program; 0 if another program did.</summary>
    public static int Pid { get; } = Number(PidVariable) ?? 0;

    // Another process that gets the same id later is not the controller.
    private static readonly long _started = ProcFs.Started(Pid);

    private static string? _news;

    /// <summary>Whether there was a controller, and it is gone.</summary>
    public static bool IsGone => Pid != 0 && (!ProcFs.IsAlive(Pid) || ProcFs.Started(Pid) != _started);

    /// <summary>Why there is no controller any more; null while there is, and where there never was.</summary>
    public static string? WhyGone => IsGone ? $"the controller (pid {Pid}) is gone" : null;

    /// <summary>
    /// Which other child failed, and how, as the controller tells it: also of one that died before it came to the shared
    /// memory, where nobody else could miss it. Null while it tells of none.
    /// </summary>
    public static string? News => _news ??= ReadNews();

    /// <summary>Tell the controller that the next program may begin: this one's first lines are out, or its message is.</summary>
    public static unsafe void Ready()
    {
        if (Number(ReadyVariable) is not { } fd)
            return;

        byte newline = (byte)'\n';
        _ = Syscall.write(fd, &newline, 1); // nobody there to read it: then nobody waits for it
        _ = Syscall.close(fd);
    }

    private static unsafe string? ReadNews()
    {
        if (Number(NewsVariable) is not { } fd || Syscall.poll([new Pollfd { fd = fd, events = PollEvents.POLLIN }], timeout: 0) <= 0)
            return null;

        byte* news = stackalloc byte[Pipe.Most];
        long length = Syscall.read(fd, news, Pipe.Most);
        return length > 0 ? Encoding.UTF8.GetString(news, (int)length) : null;
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : null;
}
