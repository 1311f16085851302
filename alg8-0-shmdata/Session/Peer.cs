using System.Runtime.CompilerServices;
using System.Text;
using Algorithms.Console;
using Algorithms.Linux;

namespace Algorithms.Session;

/// <summary>
/// The process on the other side of the shared memory, as the one that waits for it sees it. Nobody waits for the dead;
/// but a stopped peer is not dead, and one that has not come yet is not gone.
/// </summary>
/// <param name="role">What it is to the one that waits: <c>writer</c>.</param>
/// <param name="sameProgram">Whether both sides are one program; else its other processes are no peers: a second reader is no writer.</param>
public abstract class Peer(string role, bool sameProgram = false) : IPeer, IPausing, IDisposable
{
    // `dotnet X.dll` tells nothing of the program.
    private static readonly string? _ownName = ProcFs.NameOf(Environment.ProcessId) is var name and not "dotnet" ? name : null;

    private int _pid;
    private string _description = "";
    private long _nextCheck = Environment.TickCount64 + Waiting.CheckMilliseconds;
    private long _firstWait;
    private bool _isOver;

    /// <inheritdoc/>
    public void Check(in Awaited awaited)
    {
        if (Environment.TickCount64 < _nextCheck)
            return;
        _nextCheck = Environment.TickCount64 + Waiting.CheckMilliseconds;

        Signals.ThrowIfStopped();
        CheckMemory(awaited.Loss);
        string? over = Controller.WhyGone() ?? WhyLost();
        string? gone = over is null ? WhyGone(awaited.WasAnswered) : null;
        if ((over ?? gone) is { } reason)
        {
            CheckMemory(awaited.Loss); // the look took a while
            if (!awaited.HasChanged)
                throw Over(reason, awaited.Loss);

            // What the other side has left is still taken; but a session that goes on and on ends at the second look.
            if (awaited.InAnyCase || _isOver)
                throw Over(reason, awaited.OtherLoss);
            _isOver = over is not null;
        }
        else if (awaited is { IsWait: true, WasAnswered: false })
        {
            NoticeIfNobodyComes();
        }
    }

    /// <inheritdoc/>
    public void CheckMemory(ReadOnlySpan<byte> loss)
    {
        if (WhyCut() is { } reason)
            throw Over(reason, loss);
    }

    /// <inheritdoc/>
    public void Sleep(int milliseconds)
    {
        for (; milliseconds > Waiting.SliceMilliseconds; milliseconds -= Waiting.SliceMilliseconds)
        {
            Signals.Sleep(Waiting.SliceMilliseconds);
            if (Controller.WhyGone() is { } reason)
                throw Over(reason, []);
        }

        Signals.Sleep(milliseconds);
    }

    /// <inheritdoc/>
    /// <remarks>Where nothing is stored that the other side could sleep on.</remarks>
    public void Pause()
    {
    }

    /// <inheritdoc/>
    public void Check() => Check(new Awaited(ref Unsafe.NullRef<int>(), 0, []));

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>At the end, when this process no longer uses the memory: what is left to do or to say about it.</summary>
    protected abstract void Dispose(bool disposing);

    /// <summary>Why the memory itself can no longer be used; null while it can.</summary>
    protected abstract string? WhyLost();

    /// <summary>Why the memory may not even be accessed: asked after each sleep, so it must be fast. Null while it may.</summary>
    protected virtual string? WhyCut() => null;

    /// <summary>Whether a process shares the memory and can write to it: a spectator is no peer.</summary>
    protected abstract bool IsPeer(int pid);

    /// <summary>Whether a process is on this side of the memory, as another of the same program.</summary>
    protected bool IsOnOwnSide(int pid) => !sameProgram && ProcFs.NameOf(pid) == _ownName;

    /// <summary>Look for the peer among all processes. 0 if it is not there.</summary>
    protected virtual int Find() => ProcFs.Others().FirstOrDefault(IsPeer);

    /// <summary>Whether a peer that Find has never found has come, and gone.</summary>
    /// <param name="wasAnswered">Whether it has left its traces in the memory.</param>
    /// <param name="who">What there is to say of it: <c>pid 4711</c>.</param>
    protected virtual bool HasLeftUnseen(bool wasAnswered, out string? who)
    {
        who = null;
        return false;
    }

    private string? WhyGone(bool wasAnswered)
    {
        if (Controller.News() is { } news)
            return $"the {role} is gone: {news}";
        if (_pid != 0 && IsPeer(_pid))
            return null;

        int pid = Find();
        if (pid != 0)
        {
            (_pid, _description) = (pid, ProcFs.Describe(pid));
            return null;
        }

        if (_pid != 0)
            return $"the {role} ({_description}) is gone";
        return !HasLeftUnseen(wasAnswered, out string? who) ? null
            : who is null ? $"the {role} is gone" : $"the {role} ({who}) is gone";
    }

    // A controller starts its children itself. By hand, either side may be the first; but the other may never come.
    private void NoticeIfNobodyComes()
    {
        const int PatienceMilliseconds = 2000;

        if (_firstWait == 0)
            _firstWait = Environment.TickCount64;
        if (Controller.Pid != 0 || _pid != 0 || Environment.TickCount64 - _firstWait < PatienceMilliseconds)
            return;
        _firstWait = long.MaxValue; // once
        Stdio.Notice($"{ErrExit.Program}: no {role} has been seen yet, waiting ...");
    }

    private static ErrExit Over(string reason, ReadOnlySpan<byte> loss)
    {
        const int MostBytes = 60;
        string text = Encoding.UTF8.GetString(loss[..Math.Min(loss.Length, MostBytes)]).TrimEnd('\n', '\uFFFD');
        return ErrExit.Because(
            $"{ErrExit.Program}: {reason}"
            + (text.Length == 0 ? "" : $"; not delivered: {text}{(loss.Length > MostBytes ? "..." : "")}"));
    }
}
