using System.Globalization;
using System.Text.RegularExpressions;

namespace Algorithms;

/// <summary>The kinds of lines that the lecture's programs print.</summary>
internal enum LineKind
{
    /// <summary>Anything else: it does not count.</summary>
    Other,

    /// <summary>max record number = 1, shm size = 4100</summary>
    Size,

    /// <summary>IPC key = 27011c6c, of any program</summary>
    Key,

    /// <summary>shmid = 32768, of any program</summary>
    Shmid,

    /// <summary>shared memory attached at ...</summary>
    Attached,

    /// <summary>process ready ...</summary>
    Ready,

    /// <summary>Enter some text:</summary>
    Prompt,

    /// <summary>shared buffer: and a text</summary>
    Buffer,

    /// <summary>You wrote: and a text</summary>
    Wrote,

    /// <summary>shmid = 32768 removed</summary>
    Removed,

    /// <summary>produced message: and a text</summary>
    Produced,

    /// <summary>consumed message: and a text</summary>
    Consumed,

    /// <summary>Usage: ...</summary>
    Usage,
}

/// <summary>
/// What a program has printed, line by line, as the verdicts see it: the kind of each line and its text. Indents, empty
/// lines, addresses, <c>precess</c> or <c>process</c>, <c>0x</c> or not, a blank before a message or none make no difference.
/// What a program prints of a message beyond its NUL is part of the message's text, in words.
/// </summary>
internal sealed partial class Transcript
{
    private static readonly (LineKind Kind, Regex Form)[] _forms =
    [
        (LineKind.Wrote, WroteForm()),
        (LineKind.Buffer, BufferForm()),
        (LineKind.Produced, ProducedForm()),
        (LineKind.Consumed, ConsumedForm()),
        (LineKind.Size, SizeForm()),
        (LineKind.Removed, RemovedForm()),
        (LineKind.Key, KeyForm()),
        (LineKind.Shmid, ShmidForm()),
        (LineKind.Attached, AttachedForm()),
        (LineKind.Ready, ReadyForm()),
        (LineKind.Usage, UsageForm()),
    ];

    private static readonly LineKind[] _messages = [LineKind.Wrote, LineKind.Buffer, LineKind.Produced, LineKind.Consumed];

    private readonly List<(LineKind Kind, string Text, string Line)> _lines = [];

    public Transcript(string output)
    {
        // Where input is no terminal, no newline stands between the prompt and what comes next.
        foreach (string line in PromptForm().Replace(output, "\nEnter some text:\n").Split('\n'))
        {
            string trimmed = line.TrimEnd('\r');
            if (trimmed.AsSpan().Trim().IsEmpty)
                continue;
            if (trimmed == "Enter some text:")
            {
                _lines.Add((LineKind.Prompt, "", trimmed));
                continue;
            }

            (LineKind kind, Match match) = _forms
                .Select(form => (form.Kind, Match: form.Form.Match(trimmed)))
                .FirstOrDefault(form => form.Match.Success, (Kind: LineKind.Other, Match: Match.Empty));
            _lines.Add((kind, match.Groups["text"].Value, trimmed.TrimStart()));
        }

        TakeBlanks();
        TellNuls();
    }

    /// <summary>The lines of these kinds, in their order.</summary>
    public IEnumerable<(LineKind Kind, string Text)> Of(params LineKind[] kinds) =>
        from line in _lines where kinds.Contains(line.Kind) select (line.Kind, line.Text);

    /// <summary>The texts of the lines of this kind, in their order.</summary>
    public string[] Texts(LineKind kind) => [.. Of(kind).Select(line => line.Text)];

    /// <summary>The keys that it names, as numbers.</summary>
    public IEnumerable<int> Keys => Texts(LineKind.Key)
        .Select(text => uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint key) ? (int)key : 0);

    /// <summary>What it has printed, without what does not count.</summary>
    public string[] Lines => [.. _lines.Where(line => line.Kind != LineKind.Prompt).Select(line => line.Line)];

    /// <summary>A line of this kind, as an expectation shows it.</summary>
    public static string Show(LineKind kind, string text = "") => kind switch
    {
        LineKind.Wrote => $"You wrote: {text}",
        LineKind.Buffer => $"shared buffer: {text}",
        LineKind.Produced => $"produced message: {text}",
        LineKind.Consumed => $"consumed message: {text}",
        LineKind.Size => $"max record number = ..., shm size = {text}",
        LineKind.Key => $"... IPC key = {text}",
        LineKind.Shmid => $"... shmid = {(text.Length > 0 ? text : "...")}",
        LineKind.Attached => "... shared memory attached at ...",
        LineKind.Ready => "... process ready ...",
        LineKind.Removed => "... shmid = ... removed",
        LineKind.Usage => "Usage: ...",
        _ => text,
    };

    // One blank stands between the colon and the message, or none: a message that begins with something else tells.
    private void TakeBlanks()
    {
        foreach (LineKind kind in _messages)
        {
            if (Texts(kind).Any(text => text is [not ' ', ..]))
                continue;
            for (int i = 0; i < _lines.Count; i++)
            {
                if (_lines[i].Kind == kind && _lines[i].Text is [' ', .. var text])
                    _lines[i] = _lines[i] with { Text = text };
            }
        }
    }

    // A message ends with its NUL. Behind that stands what was there before, line breaks in it, up to the next line that is known.
    private void TellNuls()
    {
        int message = -1, behind = 0;
        string plain = "";
        for (int i = 0; i < _lines.Count; i++)
        {
            (LineKind kind, string text, string line) = _lines[i];
            if (kind != LineKind.Other)
                (message, plain, behind) = (_messages.Contains(kind) ? i : -1, text.Split('\0')[0], 0);
            if (message < 0 || !line.Contains('\0'))
                continue;
            behind += line.Length - line.IndexOf('\0');
            string more = behind == 1 ? "" : $", and {behind - 1} characters more";
            _lines[message] = _lines[message] with { Text = $"{plain} [a NUL{more}]" };
        }
    }

    [GeneratedRegex(@"Enter some text:[ \t]?", RegexOptions.IgnoreCase)]
    private static partial Regex PromptForm();

    [GeneratedRegex(@"^\s*You wrote ?:(?<text>.*)$", RegexOptions.IgnoreCase)]
    private static partial Regex WroteForm();

    [GeneratedRegex(@"^\s*shared buffer ?:(?<text>.*)$", RegexOptions.IgnoreCase)]
    private static partial Regex BufferForm();

    [GeneratedRegex(@"^\s*produced message ?:(?<text>.*)$", RegexOptions.IgnoreCase)]
    private static partial Regex ProducedForm();

    [GeneratedRegex(@"^\s*consumed message ?:(?<text>.*)$", RegexOptions.IgnoreCase)]
    private static partial Regex ConsumedForm();

    [GeneratedRegex(@"\bshm ?size\s*=\s*(?<text>\d+)", RegexOptions.IgnoreCase)]
    private static partial Regex SizeForm();

    [GeneratedRegex(@"\bshmid\s*=\s*(?<text>\d+)\s+removed\b", RegexOptions.IgnoreCase)]
    private static partial Regex RemovedForm();

    [GeneratedRegex(@"\bkey\s*[=:]\s*(0x)?(?<text>[0-9a-f]+)\s*$", RegexOptions.IgnoreCase)]
    private static partial Regex KeyForm();

    [GeneratedRegex(@"\bshmid\s*[=:]\s*(?<text>\d+)\s*$", RegexOptions.IgnoreCase)]
    private static partial Regex ShmidForm();

    [GeneratedRegex(@"\bmemory attached\b", RegexOptions.IgnoreCase)]
    private static partial Regex AttachedForm();

    [GeneratedRegex(@"\bpr[eo]cess ready\b", RegexOptions.IgnoreCase)]
    private static partial Regex ReadyForm();

    [GeneratedRegex(@"\busage\b", RegexOptions.IgnoreCase)]
    private static partial Regex UsageForm();
}
