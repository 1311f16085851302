using System.Globalization;
using Mono.Unix.Native;

namespace Algorithms;

/// <summary>
/// Shows the lecture's calls as strace does, and where each stands on the slides:
/// <c>[shmcon 4711] shmget(0x27011c6c, 4100, IPC_CREAT|0666) = 32768   [8-1.2 create]</c>.
/// </summary>
/// <param name="sentences">Where the calls stand on the slides.</param>
/// <param name="onStandardError">Whether --trace asks for it, and not --step alone.</param>
internal sealed class Trace(Sentences sentences, bool onStandardError) : ITracer
{
    private readonly Palette _palette = onStandardError ? Palette.ForStandardError() : Palette.ForTerminal();
    private readonly Dictionary<string, int> _times = [];
    private readonly Lock _lock = new();

    private (string Line, Sentences.Entry? Entry, int More) _timeouts = ("", null, 0);

    /// <inheritdoc/>
    public void Before(in TracedCall traced)
    {
        lock (_lock)
            _times[traced.Name] = _times.GetValueOrDefault(traced.Name) + 1;
        if (!_timeouts.Line.StartsWith(traced.Name + traced.Arguments, StringComparison.Ordinal)) // the same wait, going on
            Step.Before(traced.Name + traced.Arguments, EntryOf(traced));
    }

    /// <inheritdoc/>
    public void After(in TracedCall traced, string arguments, string result, Errno errno)
    {
        string error = errno == 0 ? "" : $" {Strace.Name(errno)} ({Syscall.strerror(errno)})";
        string line = $"{traced.Name}{arguments} = {result}{error}";
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
            _timeouts = errno == Errno.ETIMEDOUT ? (line, EntryOf(traced), 0) : ("", null, 0);
            Show($"{traced.Name}{arguments} = ", $"{result}{error}", EntryOf(traced), isError: errno != 0);
        }
    }

    /// <summary>Who makes the calls, as each line begins.</summary>
    public static string Who => $"[{ErrExit.Program} {Environment.ProcessId}]";

    private void Show(string call, string result, Sentences.Entry? entry, bool isError = false)
    {
        string anchor = entry is not null ? $"   {_palette.Anchor($"[{entry.Anchor}]")}" : "";
        string line = $"{_palette.Who(Who)} {call}{(isError ? _palette.Error(result) : _palette.Result(result))}{anchor}";
        if (onStandardError)
            Step.InTurn(() => Stdio.Notice(line));
        else
            Step.Show(line);
    }

    private Sentences.Entry? EntryOf(in TracedCall traced) =>
        sentences.Of(traced.Name, traced.Kind, _times.GetValueOrDefault(traced.Name), TracedCall.Place);
}
