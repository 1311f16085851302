using System.Text;

namespace Algorithms;

/// <summary>
/// The process on the other side of the shared memory, as the one that waits for it sees it. Nobody waits for the dead;
/// but a stopped peer is not dead, and one that has not come yet is not gone.
/// </summary>
/// <param name="role">What it is to the one that waits: <c>writer</c>.</param>
/// <param name="sameProgram">Whether both sides are one program; else its other processes are no peers: a second reader is no writer.</param>
public abstract class Peer(string role, bool sameProgram = false) : IPeer, IDisposable
{
    // `dotnet X.dll` tells nothing of the program.
    private static readonly string? _ownName = ProcFs.NameOf(Environment.ProcessId) is var name and not "dotnet" ? name : null;

    private int _pid;
    private string _description = "";
    private long _nextCheck = Environment.TickCount64 + Waiting.CheckMilliseconds;

    /// <inheritdoc/>
    public void Check(ref int word, int seen, ReadOnlySpan<byte> loss)
    {
        if (IsDue(loss) && WhyGone() is { } reason && Volatile.Read(ref word) == seen)
            throw Over(reason, loss);
    }

    /// <inheritdoc/>
    public void CheckBusy(ReadOnlySpan<byte> loss) => IsDue(loss);

    /// <inheritdoc/>
    public void Sleep(int milliseconds) => Stage.Sleep(milliseconds);

    /// <summary>As the first, for one that waits for something else, such as a line of input.</summary>
    internal void Check(ReadOnlySpan<byte> loss)
    {
        int word = 0;
        Check(ref word, 0, loss);
    }

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

    /// <summary>Whether a process shares the memory and can write to it: a spectator is no peer.</summary>
    protected abstract bool IsPeer(int pid);

    /// <summary>Whether a process is on this side of the memory, as another of the same program.</summary>
    protected bool IsOnOwnSide(int pid) => !sameProgram && ProcFs.NameOf(pid) == _ownName;

    /// <summary>Look for the peer among all processes. 0 if it is not there.</summary>
    protected virtual int Find() => ProcFs.Others().FirstOrDefault(IsPeer);

    /// <summary>Who has gone, where /proc shows this process nothing of it; null if nobody has.</summary>
    protected virtual string? WhoLeftUnseen() => null;

    private bool IsDue(ReadOnlySpan<byte> loss)
    {
        if (Environment.TickCount64 < _nextCheck)
            return false;
        _nextCheck = Environment.TickCount64 + Waiting.CheckMilliseconds;

        Stage.ThrowIfStopped();
        if ((Controller.WhyGone ?? WhyLost()) is { } reason)
            throw Over(reason, loss);
        return true;
    }

    private string? WhyGone()
    {
        if (Controller.News is { } news)
            return $"the {role} is gone: {news}";
        if (_pid != 0 && IsPeer(_pid))
            return null;

        int pid = Find();
        if (pid != 0)
        {
            (_pid, _description) = (pid, ProcFs.Describe(pid));
            return null;
        }

        return (_pid != 0 ? _description : WhoLeftUnseen()) is { } who ? $"the {role} ({who}) is gone" : null;
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
