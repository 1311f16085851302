using System.Globalization;
using Algorithms.Console;
using Mono.Unix.Native;

namespace Algorithms.Trace;

/// <summary>
/// Shows the lecture's calls as strace does, and where each stands on the slides:
/// <c>[shmcon 4711] shmget(0x27011c6c, 4100, IPC_CREAT|0666) = 32768   [8-1.2 create]</c>.
/// </summary>
/// <param name="sentences">Where the calls stand on the slides.</param>
/// <param name="onStandardError">Whether --trace asks for it, and not --step alone.</param>
/// <param name="childArguments">The arguments that make a child trace too, less --step.</param>
/// <remarks>With --step, the program's lines and its input wait for its turn; without, <see cref="Step"/> does nothing.</remarks>
internal sealed class Tracer(Sentences sentences, bool onStandardError, string[] childArguments) : IObserver
{
    private readonly Palette _palette = onStandardError ? Palette.ForStandardError() : Palette.ForTerminal();
    private readonly Dictionary<string, int> _times = [];
    private readonly Lock _lock = new();

    private (string Line, Sentences.Sentence? Entry, int More) _timeouts = ("", null, 0);

    /// <inheritdoc/>
    public void BeforeCall(in ObservedCall made)
    {
        lock (_lock)
            _times[made.Name] = _times.GetValueOrDefault(made.Name) + 1;
        if (!_timeouts.Line.StartsWith(made.Name + made.Arguments, StringComparison.Ordinal)) // the same wait, going on
            Step.Before(made.Name + made.Arguments, EntryOf(made));
    }

    /// <inheritdoc/>
    public void AfterCall(in ObservedCall made, string arguments, string result, Errno errno)
    {
        string error = errno == 0 ? "" : $" {Strace.Name(errno)} ({Syscall.strerror(errno)})";
        string line = $"{made.Name}{arguments} = {result}{error}";
        lock (_lock)
        {
            // Who sleeps in the kernel looks up a few times a second: a line for each would tell nothing new.
            if (_timeouts.Line == line)
            {
                _timeouts.More++;
                return;
            }

            if (_timeouts.More > 0)
                Show(string.Format(CultureInfo.InvariantCulture, sentences.Of("more")!.Text[0], _timeouts.More), "", _timeouts.Entry);
            _timeouts = errno == Errno.ETIMEDOUT ? (line, EntryOf(made), 0) : ("", null, 0);
            Show($"{made.Name}{arguments} = ", $"{result}{error}", EntryOf(made), isError: errno != 0);
        }
    }

    /// <inheritdoc/>
    public void BeforePrint() => Step.TakeTurn();

    /// <inheritdoc/>
    /// <remarks>A question and its answer are one turn.</remarks>
    public void AfterPrint(bool isLine)
    {
        if (isLine)
            Step.GiveTurn();
    }

    /// <inheritdoc/>
    public void BeforeRead(bool isTerminal)
    {
        if (isTerminal)
            Step.TakeTurn();
        else
            Step.GiveTurn();
    }

    /// <inheritdoc/>
    public void AfterRead() => Step.GiveTurn();

    /// <inheritdoc/>
    public void EndProgram() => Step.End();

    /// <inheritdoc/>
    public void EndSession() => Step.RestoreTerminal();

    /// <inheritdoc/>
    public bool IsHolding() => Step.IsOn();

    /// <inheritdoc/>
    public bool HasLeft() => Step.HasLeft();

    /// <inheritdoc/>
    /// <remarks>Less --step once nobody steps any more.</remarks>
    public IEnumerable<string> ArgumentsForChild() => [.. childArguments, .. Step.IsOn() ? (string[])["--step"] : []];

    /// <inheritdoc/>
    public string? VariableForChild() => Step.ForChild();

    private void Show(string call, string result, Sentences.Sentence? entry, bool isError = false)
    {
        string anchor = entry is not null ? $"   {_palette.Anchor($"[{entry.Anchor}]")}" : "";
        string line = $"{_palette.Who(Palette.ThisProcess)} {call}{(isError ? _palette.Error(result) : _palette.Result(result))}{anchor}";
        if (onStandardError)
            Step.InTurn(() => Stdio.Notice(line));
        else
            Step.Show(line);
    }

    private Sentences.Sentence? EntryOf(in ObservedCall made) =>
        sentences.Of(made.Name, made.Kind, _times.GetValueOrDefault(made.Name));
}
