using System.Diagnostics;
using Mono.Unix.Native;

namespace Algorithms;

/// <summary>
/// The controller's children: spawned in the slide's order, waited for together, and ended together, whatever happens.
/// </summary>
public sealed class Children : IDisposable
{
    private const int PollMilliseconds = 20;

    // Who lost its peer is told, and says so by itself soon; a program that does not is ended after that.
    private const int SurvivorMilliseconds = 1500;
    private const int TermMilliseconds = 250;

    // Ctrl-C reaches a child and its controller in any order.
    private const int SignalMilliseconds = 200;

    private readonly List<Process> _children = [];
    private readonly List<Pipe> _news = []; // one to each child
    private readonly HashSet<Process> _waited = []; // those whose end was told as wait(2) tells it
    private readonly IDisposable _end;

    private TracedCall? _wait;

    /// <summary>No children yet.</summary>
    public Children() => _end = Stage.Own(End);

    /// <summary>The slide's vfork and execv: start a program that shares this one's terminal.</summary>
    /// <param name="file">The executable.</param>
    /// <param name="args">Its arguments.</param>
    /// <exception cref="ErrExit">It cannot be started: ENOENT, EACCES, ENOEXEC ...</exception>
    public void Spawn(string file, params string[] args) => Start(file, args, ready: null);

    /// <summary>Spawn, and wait until the child has done what the next one builds upon.</summary>
    /// <param name="file">The executable.</param>
    /// <param name="isReady">Tells it of a program that is not the suite's, and so does not say it itself.</param>
    /// <param name="args">Its arguments.</param>
    /// <exception cref="ErrExit">It cannot be started.</exception>
    public void SpawnFirst(string file, Func<int, bool> isReady, params string[] args)
    {
        using Pipe ready = Pipe.FromChildren();
        Start(file, args, ready.Writing);
        ready.CloseWriting();
        WaitUntilReady(ready.Reading, isReady);
    }

    /// <summary>The slide's wait and wait: until all children have ended.</summary>
    /// <exception cref="ErrExit">One of them failed; all have ended.</exception>
    public void Wait()
    {
        long? deadline = null;
        List<Process> failed = [];
        while (_children.Find(child => !child.HasExited) is { } running)
        {
            Stage.ThrowIfStopped();
            TellWaited();
            failed = _children.FindAll(HasFailed);
            if (failed.Count > 0 && deadline is null)
            {
                deadline = Environment.TickCount64 + SurvivorMilliseconds;
                _news.ForEach(news => news.Write(string.Join("; ", failed.Select(Fate))));
            }

            if (Environment.TickCount64 > deadline)
                End();
            else
                running.WaitForExit(PollMilliseconds);
        }

        TellWaited();
        if (Environment.TickCount64 <= (deadline ?? long.MaxValue))
            failed = _children.FindAll(HasFailed);
        Stage.Sleep(failed.Exists(EndedOnRequest) ? SignalMilliseconds : 0);
        if (failed.Count > 0)
            throw ErrExit.Because(string.Join('\n', failed.Select(child => $"{ErrExit.Program}: {Fate(child)}")));
    }

    /// <summary>Wait until the first <paramref name="count"/> children have ended, or one has failed: then Wait tells.</summary>
    /// <returns>Whether none has failed.</returns>
    public bool WaitForFirst(int count)
    {
        while (!_children.Exists(HasFailed))
        {
            Stage.ThrowIfStopped();
            TellWaited();
            if (_children.Take(count).FirstOrDefault(child => !child.HasExited) is not { } running)
                return true;
            running.WaitForExit(PollMilliseconds);
        }

        return false;
    }

    /// <summary>Whether one of them has failed.</summary>
    public bool HaveFailed
    {
        get
        {
            lock (_children)
                return _children.Exists(HasFailed);
        }
    }

    /// <summary>The child that was spawned last, as one on whom this program itself waits.</summary>
    /// <param name="role">What it is to this program: <c>consumer</c>.</param>
    public Peer LastAsPeer(string role) => new ChildPeer(role, _children[^1]);

    /// <summary>End the children that still run: SIGTERM, and SIGKILL for those that do not listen.</summary>
    public void Dispose()
    {
        _end.Dispose();
        _news.ForEach(news => news.Dispose());
    }

    /// <summary>The slide's system(): run a command on this program's terminal, and wait for it.</summary>
    /// <returns>Its exit status; 127 if there is no such command, as a shell has it.</returns>
    public static int system(string command, params string[] args)
    {
        if (Programs.Find(command) is not { } file)
        {
            Stdio.Notice($"{ErrExit.Program}: {command}: command not found");
            return 127;
        }

        ProcessStartInfo start = Programs.At(file, args);
        (start.Environment["LC_ALL"], start.Environment["LANGUAGE"]) = ("C.UTF-8", null); // the slide's English, wherever the student is
        using Process child = Programs.Start(start);
        child.WaitForExit();
        return child.ExitCode;
    }

    /// <summary>
    /// Another executable of the suite: the one beside this one, wherever this one was started from. dotnet run and an IDE
    /// start a program in its project's own output, artifacts/bin/PROJECT/CONFIGURATION: there, the other project's.
    /// </summary>
    public static string Sibling(string name)
    {
        string folder = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory), project = Path.GetDirectoryName(folder) ?? "";
        string beside = Path.Combine(folder, name);
        string sameBuild = Path.Combine(Path.GetDirectoryName(project) ?? "", name, Path.GetFileName(folder), name);
        bool isOutput = Path.GetFileName(project) == AppDomain.CurrentDomain.FriendlyName;
        return isOutput && !File.Exists(beside) && File.Exists(sameBuild) ? sameBuild : beside;
    }

    /// <summary>How a process ended, in words: <c>was killed by signal 9, SIGKILL</c>.</summary>
    /// <param name="exitCode">What Process tells: the exit status, or 128 + the signal's number.</param>
    public static string Fate(int exitCode) =>
        SignalOf(exitCode) is { } name ? $"was killed by signal {exitCode - 128}, {name}" : $"ended with exit status {exitCode}";

    // Its end as strace shows it. wait(2)
    private static string Status(Process child) =>
        SignalOf(child.ExitCode) is { } name ? $"{{WIFSIGNALED(s) && WTERMSIG(s) == {name}}}" : $"{{WIFEXITED(s) && WEXITSTATUS(s) == {child.ExitCode}}}";

    private static Signum? SignalOf(int exitCode) =>
        exitCode > 128 && NativeConvert.TryToSignum(exitCode - 128, out Signum name) ? name : null;

    private static bool HasFailed(Process child) => child.HasExited && child.ExitCode != 0;

    private static bool EndedOnRequest(Process child) =>
        (Signum)(child.ExitCode - 128) is Signum.SIGHUP or Signum.SIGINT or Signum.SIGQUIT or Signum.SIGTERM;

    private static string Fate(Process child) =>
        $"{Path.GetFileName(child.StartInfo.FileName)} (pid {child.Id}) {Fate(child.ExitCode)}";

    private void Start(string file, string[] args, int? ready)
    {
        args = [.. args, .. TraceOptions.ForChildren];
        ProcessStartInfo start = Programs.At(InCurrentFolder(file), args);
        start.Environment[Controller.PidVariable] = $"{Environment.ProcessId}";
        Pipe news = Pipe.ToChildren();
        _news.Add(news);
        start.Environment[Controller.NewsVariable] = $"{news.Reading}";
        start.Environment[Controller.ReadyVariable] = ready is { } fd ? $"{fd}" : null;
        if (Step.IsOn)
            Turn.ShareWith(start.Environment);
        TracedCall spawn = TracedCall.Begin(nameof(spawn), $"({Strace.Quote(file)}, [{string.Join(", ", args.Select(Strace.Quote))}])");
        try
        {
            lock (_children)
            {
                Stage.ThrowIfStopped();
                _children.Add(Programs.Start(start));
            }
        }
        catch (Exception e) when (Failure.Errno(e) is not 0)
        {
            Errno errno = Failure.Errno(e);
            spawn.Failed(errno);
            throw CannotStart(file, errno);
        }

        _ = spawn.Returned(_children[^1].Id);

        news.CloseReading();
    }

    // execv looks for a name in the current folder, which may have been removed.
    private static string InCurrentFolder(string file)
    {
        try
        {
            return file.Length == 0 ? throw CannotStart(file, Errno.ENOENT)
                : file[0] == '/' ? file
                : Path.Combine(Directory.GetCurrentDirectory(), file);
        }
        catch (Exception e) when (Failure.Errno(e) is not 0)
        {
            throw CannotStart(file, Failure.Errno(e));
        }
    }

    private static ErrExit CannotStart(string file, Errno errno) => Hint.Exec(
        new ErrExit($"{ErrExit.Program}: execv({file})", file.Length > 0 && Directory.Exists(file) ? Errno.EACCES : errno), file);

    private void WaitUntilReady(int reading, Func<int, bool> isReady)
    {
        const int SilentMilliseconds = 200; // a child of the suite has spoken by then
        const int MostMilliseconds = 3000;

        Process child = _children[^1];
        Pollfd[] pipe = [new Pollfd { fd = reading, events = PollEvents.POLLIN }];
        for (Stopwatch watch = Stopwatch.StartNew(); Step.IsOn || watch.ElapsedMilliseconds < MostMilliseconds;)
        {
            Stage.ThrowIfStopped();
            if (Syscall.poll(pipe, PollMilliseconds) > 0 || child.HasExited)
                return;
            if (watch.ElapsedMilliseconds > SilentMilliseconds && isReady(child.Id))
                return;
        }
    }

    // One wait for each child, as on the slide, though all of them are looked after together.
    private void TellWaited()
    {
        foreach (Process child in _children.Where(child => child.HasExited && !_waited.Contains(child)).ToList())
        {
            _ = (_wait ?? BeginWait()).Returned(child.Id, $"([{Status(child)}])");
            _waited.Add(child);
            _wait = null;
        }

        if (_waited.Count < _children.Count)
            _wait ??= BeginWait();

        static TracedCall BeginWait() => TracedCall.Begin("wait", $"(...)");
    }

    private void End()
    {
        List<Process> running;
        lock (_children)
            running = _children.FindAll(child => !child.HasExited);
        foreach (Signum signal in (Signum[])[Signum.SIGTERM, Signum.SIGKILL])
        {
            running.ForEach(child => Syscall.kill(child.Id, signal));
            long deadline = Environment.TickCount64 + TermMilliseconds;
            foreach (Process child in running)
                child.WaitForExit((int)Math.Max(0, deadline - Environment.TickCount64));
            running.RemoveAll(child => child.HasExited);
        }
    }

    // Its parent knows better than /proc whether it runs.
    private sealed class ChildPeer(string role, Process child) : Peer(role)
    {
        protected override string? WhyLost() => child.HasExited ? Fate(child) : null;

        protected override bool IsPeer(int pid) => pid == child.Id;

        protected override int Find() => child.Id;

        protected override void Dispose(bool disposing)
        {
            // The child is the list's.
        }
    }
}
