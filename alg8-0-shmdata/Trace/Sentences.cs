using System.Reflection;

namespace Algorithms.Trace;

/// <summary>
/// What there is to say about a program's calls: the slide on which each stands, and what it does. Read from the text
/// files steps-LANGUAGE.txt of the program and of this library, which are part of the executable.
/// </summary>
/// <remarks>
/// An entry is a line <c>CALL [SLIDE LABEL]</c> and the indented lines below it. CALL may be a call's name alone, the name
/// and its kind (<c>futex FUTEX_WAIT</c>), or the name and which time it is called (<c>spawn 2</c>). Behind a kind may stand
/// where the call is made: <c>futex FUTEX_WAIT buffer</c>.
/// </remarks>
internal sealed class Sentences
{
    /// <summary>One entry.</summary>
    /// <param name="Anchor">The slide and a word for what happens: <c>8-1.2 create</c>.</param>
    /// <param name="Text">What the call will do: lines of less than 80 columns.</param>
    public sealed record Sentence(string Anchor, string[] Text);

    private const string Usual = "en";

    private readonly Dictionary<string, Sentence> _entries = [];

    private Sentences(string language)
    {
        Read(typeof(Sentences).Assembly, language);
        if (Assembly.GetEntryAssembly() is { } program)
            Read(program, language);
    }

    /// <summary>The languages that there are.</summary>
    public static IReadOnlyList<string> Languages { get; } = [Usual, "zh"];

    /// <summary>The entries in a language.</summary>
    public static Sentences In(string language) => new(language);

    /// <summary>The language that the environment asks for, where it is one of ours. locale(7)</summary>
    public static string LanguageOfEnvironment()
    {
        string locale = ((string[])["LC_ALL", "LC_MESSAGES", "LANG"])
            .Select(Environment.GetEnvironmentVariable)
            .FirstOrDefault(value => !string.IsNullOrEmpty(value)) ?? "";
        return Languages.FirstOrDefault(language => locale.Split('_', '.', '@')[0] == language) ?? Usual;
    }

    /// <summary>What there is to say of a call, or of another thing that has a name; null if nothing.</summary>
    /// <param name="name">The call.</param>
    /// <param name="kind">Which of the things that it can do.</param>
    /// <param name="time">Which time it is called, from 1.</param>
    public Sentence? Of(string name, string? kind = null, int time = 1) =>
        _entries.GetValueOrDefault($"{name} {kind}")
        ?? _entries.GetValueOrDefault($"{name} {kind?.Split(' ')[0]}")
        ?? _entries.GetValueOrDefault($"{name} {time}")
        ?? _entries.GetValueOrDefault(name);

    private void Read(Assembly assembly, string language)
    {
        if (assembly.GetManifestResourceStream($"steps-{language}.txt") is not { } stream)
            return;

        using StreamReader reader = new(stream);
        string[] lines = reader.ReadToEnd().Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            int open = lines[i].IndexOf(" [", StringComparison.Ordinal);
            if (open > 0 && lines[i][0] is not ('#' or ' '))
            {
                string[] text = [.. lines.Skip(i + 1).TakeWhile(line => line.StartsWith(' ')).Select(line => line.Trim())];
                _entries[lines[i][..open]] = new Sentence(lines[i][(open + 2)..].TrimEnd(']'), text);
            }
        }
    }
}
