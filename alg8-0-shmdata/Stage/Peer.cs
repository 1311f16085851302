using System.Text;

namespace Algorithms;

/// <summary>
/// The process on the other side of the shared memory, as the one that waits for it sees it. Nobody waits for the dead;
/// but a stopped peer is not dead, and one that has not come yet is not gone.
/// </summary>
/// <param name="role">What it is to the one that waits: <c>writer</c>.</param>
public abstract class Peer(string role) : IDisposable
{
    // How often to ask: a death is told within two seconds of it, also where looks are far apart.
    internal const int CheckMilliseconds = 400;

    private int _pid;
    private string _description = "";
    private long _nextCheck = Environment.TickCount64 + CheckMilliseconds;

    /// <summary>
    /// Called while waiting, as often as one likes. Ends the wait if a signal came, if the peer or the controller is
    /// gone, or if the memory was removed.
    /// </summary>
    /// <param name="word">The word that is waited for.</param>
    /// <param name="seen">Its value when last looked at: if it has changed, the peer did its part before it went.</param>
    /// <param name="loss">What will not be delivered if the peer is gone.</param>
    /// <exception cref="ErrExit">There is nothing left to wait for.</exception>
    internal void Check(ref int word, int seen, ReadOnlySpan<byte> loss)
    {
        if (IsDue(loss) && WhyGone() is { } reason && Volatile.Read(ref word) == seen)
            throw Over(reason, loss);
    }

    /// <summary>
    /// As the other, for one that seldom waits: a busy peer is not gone, but the controller or the memory may be, or a
    /// signal may have come.
    /// </summary>
    internal void CheckBusy(ReadOnlySpan<byte> loss) => IsDue(loss);

    /// <summary>As the other, for one that waits for something else, such as a line of input.</summary>
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

    /// <summary>Look for the peer among all processes. 0 if it is not there.</summary>
    protected virtual int Find() => ProcFs.Others().FirstOrDefault(IsPeer);

    /// <summary>Who has gone, where /proc shows this process nothing of it; null if nobody has.</summary>
    protected virtual string? WhoLeftUnseen() => null;

    private bool IsDue(ReadOnlySpan<byte> loss)
    {
        if (Environment.TickCount64 < _nextCheck)
            return false;
        _nextCheck = Environment.TickCount64 + CheckMilliseconds;

        Stage.ThrowIfStopped();
        if ((Controller.IsGone ? $"the controller (pid {Controller.Pid}) is gone" : WhyLost()) is { } reason)
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
            $"{Stage.Name}: {reason}"
            + (text.Length == 0 ? "" : $"; not delivered: {text}{(loss.Length > MostBytes ? "..." : "")}"));
    }
}
