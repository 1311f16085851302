using System.Diagnostics;
using Algorithms.Console;
using Algorithms.Linux;
using Mono.Unix.Native;

namespace Algorithms.Session;

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

    // How long a child that has ended with status 0 may have left its part undone: long enough for the other side to do
    // what shows that nothing was missing, such as to put the end in after the last item.
    private const int PartMilliseconds = 300;

    private readonly List<Child> _children = [];
    private readonly List<Pipe> _news = []; // one to each child
    private readonly HashSet<Child> _waited = []; // those whose end was told as wait(2) tells it
    private readonly Dictionary<Child, long> _undone = []; // ended with status 0 at that time, and their part is not done
    private readonly HashSet<Child> _done = [], _early = []; // the others of these: it is; it never will be
    private readonly SessionMemory? _memory;
    private readonly IDisposable _end;

    private TracedCall? _wait;

    /// <summary>No children yet.</summary>
    /// <param name="memory">What they share; null where that is their own business.</param>
    public Children(SessionMemory? memory = null) => (_memory, _end) = (memory, Signals.Own(End));

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
        List<Child> failed = [];
        while (Running is { Count: > 0 } running)
        {
            Signals.ThrowIfStopped();
            TellWaited();
            LookForParts();
            failed = _children.FindAll(HasFailed);
            if (failed.Count > 0 && deadline is null)
            {
                deadline = Environment.TickCount64 + SurvivorMilliseconds;
                _news.ForEach(news => news.Write(string.Join("; ", failed.Select(Fate))));
            }

            if (Environment.TickCount64 > deadline)
                End();
            else
                Child.WaitForAny(running, PollMilliseconds);
        }

        TellWaited();
        LookForParts();
        if (Environment.TickCount64 <= (deadline ?? long.MaxValue))
            failed = _children.FindAll(HasFailed);
        Signals.Sleep(failed.Exists(EndedOnRequest) ? SignalMilliseconds : 0);
        if (failed.Count > 0)
            throw ErrExit.Because(string.Join('\n', WhatHappened(failed).Select(line => $"{ErrExit.Program}: {line}")));
    }

    /// <summary>Wait until the first <paramref name="count"/> children have ended, or one has failed: then Wait tells.</summary>
    /// <returns>Whether none has failed.</returns>
    public bool WaitForFirst(int count)
    {
        while (!_children.Exists(HasFailed))
        {
            Signals.ThrowIfStopped();
            TellWaited();
            LookForParts();
            if (_children.Take(count).All(child => child.HasExited))
                return true;
            Child.WaitForAny(Running, PollMilliseconds);
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
        _children.ForEach(child => child.Dispose());
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

        // The slide's English, wherever the student is.
        Dictionary<string, string?> english = new() { ["LC_ALL"] = "C.UTF-8", ["LANGUAGE"] = null };
        Errno errno = Child.Start(file, args, english, standardOutput: null, out Child? child);
        if (child is null)
        {
            Stdio.Notice($"{ErrExit.Program}: {command}: {Syscall.strerror(errno)}");
            return 126; // a shell's
        }

        using (child)
        {
            _ = child.WaitForExit();
            return child.ExitCode;
        }
    }

    /// <summary>How a process ended, in words: <c>was killed by signal 9, SIGKILL</c>.</summary>
    /// <param name="exitCode">What Process tells: the exit status, or 128 + the signal's number.</param>
    public static string Fate(int exitCode) =>
        SignalOf(exitCode) is { } name ? $"was killed by signal {exitCode - 128}, {name}" : $"ended with exit status {exitCode}";

    // Its end as strace shows it. wait(2)
    private static string Status(Child child) =>
        child.Signal is { } signal ? $"{{WIFSIGNALED(s) && WTERMSIG(s) == {signal}}}" : $"{{WIFEXITED(s) && WEXITSTATUS(s) == {child.ExitCode}}}";

    private static Signum? SignalOf(int exitCode) =>
        exitCode > 128 && NativeConvert.TryToSignum(exitCode - 128, out Signum name) ? name : null;

    private List<Child> Running
    {
        get
        {
            lock (_children)
                return _children.FindAll(child => !child.HasExited);
        }
    }

    private bool HasFailed(Child child) => child.HasExited && (child.ExitCode != 0 || _early.Contains(child));

    private static bool EndedOnRequest(Child child) => child.Signal is Signum.SIGHUP or Signum.SIGINT or Signum.SIGQUIT or Signum.SIGTERM;

    private string Fate(Child child) =>
        $"{Path.GetFileName(child.File)} (pid {child.Id}) "
        + (child.Signal is { } signal ? $"was killed by signal {(int)signal}, {signal}" : $"ended with exit status {child.ExitCode}")
        + (_early.Contains(child) ? " before the session was over" : "");

    private IEnumerable<string> WhatHappened(List<Child> failed)
    {
        foreach (Child child in failed)
            yield return Fate(child);
        if (_memory?.WhyLost is { } lost)
            yield return lost;
        else if (_memory?.Undelivered is { Length: > 0 } undelivered)
            yield return $"not delivered: {undelivered}";
    }

    // Who ends with status 0 may still have left the other side waiting for ever.
    private void LookForParts()
    {
        bool allEnded = Running.Count == 0; // then nothing can change any more
        for (int i = 0; _memory is not null && i < _children.Count; i++)
        {
            Child child = _children[i];
            if (!child.HasExited || child.ExitCode != 0 || _done.Contains(child) || _early.Contains(child))
                continue;

            bool first = _undone.TryAdd(child, Environment.TickCount64);
            Part part = _memory.PartOf(i, first);
            if (part == Part.Done)
                _done.Add(child);
            else if (part == Part.Missing && (allEnded || Environment.TickCount64 >= _undone[child] + PartMilliseconds))
                _early.Add(child);
        }
    }

    private void Start(string file, string[] args, int? ready)
    {
        string path = InCurrentFolder(file);
        args = [.. args, .. Observer.Current?.ArgumentsForChild() ?? []];
        Pipe news = Pipe.ToChildren();
        _news.Add(news);
        Dictionary<string, string?> variables = new()
        {
            [Controller.Variable] = Controller.HandDown(_memory?.Id),
            [Controller.NewsVariable] = Pipe.Describe(news.Reading),
            [Controller.ReadyVariable] = ready is { } fd ? Pipe.Describe(fd) : null,
            [Observer.Variable] = Observer.Current?.VariableForChild(),
        };
        TracedCall spawn = TracedCall.Begin(nameof(spawn), $"({Strace.Quote(file)}, [{string.Join(", ", args.Select(Strace.Quote))}])");
        Errno errno;
        Child? child;
        lock (_children)
        {
            Signals.ThrowIfStopped();
            errno = Child.Start(path, args, variables, standardOutput: null, out child);
            if (child is not null)
                _children.Add(child);
        }

        if (child is null)
        {
            spawn.Failed(errno);
            throw CannotStart(file, errno);
        }

        _ = spawn.Returned(child.Id);
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

    private static ErrExit CannotStart(string file, Errno errno) => Hints.Exec(
        new ErrExit($"{ErrExit.Program}: execv({file})", file.Length > 0 && Directory.Exists(file) ? Errno.EACCES : errno), file);

    private void WaitUntilReady(int reading, Func<int, bool> isReady)
    {
        const int SilentMilliseconds = 200; // a child of the suite has spoken by then
        const int MostMilliseconds = 3000;

        Child child = _children[^1];
        Pollfd[] pipe = [new Pollfd { fd = reading, events = PollEvents.POLLIN }];
        for (Stopwatch watch = Stopwatch.StartNew(); Observer.Current?.IsHolding() == true || watch.ElapsedMilliseconds < MostMilliseconds;)
        {
            Signals.ThrowIfStopped();
            if (Syscall.poll(pipe, PollMilliseconds) > 0 || child.HasExited)
                return;
            if (watch.ElapsedMilliseconds > SilentMilliseconds && isReady(child.Id))
                return;
        }
    }

    // One wait for each child, as on the slide, though all of them are looked after together.
    private void TellWaited()
    {
        foreach (Child child in _children.Where(child => child.HasExited && !_waited.Contains(child)).ToList())
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
        List<Child> running = Running;
        foreach (Signum signal in (Signum[])[Signum.SIGTERM, Signum.SIGKILL])
        {
            running.ForEach(child => Syscall.kill(child.Id, signal));
            long deadline = Environment.TickCount64 + TermMilliseconds;
            foreach (Child child in running)
                _ = child.WaitForExit((int)Math.Max(0, deadline - Environment.TickCount64));
            running.RemoveAll(child => child.HasExited);
        }
    }

    // Its parent knows better than /proc whether it runs. What it did before its end counts: it has left, but the memory is there.
    private sealed class ChildPeer(string role, Child child) : Peer(role)
    {
        protected override string? WhyLost() => null;

        protected override bool IsPeer(int pid) => pid == child.Id && !child.HasExited;

        protected override int Find() => child.HasExited ? 0 : child.Id;

        protected override bool HasLeftUnseen(bool wasAnswered, out string? who)
        {
            who = $"{Path.GetFileName(child.File)}, pid {child.Id}";
            return child.HasExited;
        }

        protected override void Dispose(bool disposing)
        {
            // The child is the list's.
        }
    }
}
