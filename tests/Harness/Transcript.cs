using System.Text.RegularExpressions;
using Algorithms.Linux;

namespace Algorithms.Tests.Harness;

/// <summary>
/// A block of a page of the documentation: commands after a `$`, and what they print. In it, a line of three dots
/// stands for any lines; ids, addresses, pids, dates, times and rates stand for others of their kind.
/// </summary>
internal sealed partial record Transcript(string Page, int Line, bool IsInTheOtherTerminal, string Text)
{
    private const string Prompt = "Enter some text: ";

    /// <summary>The pages that may hold some.</summary>
    public static IEnumerable<string> Pages =>
        Directory.EnumerateFiles(Repository.Root, "*.md")
            .Concat(
                Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories))
            .Select(path => Path.GetRelativePath(Repository.Root, path))
            .Order(StringComparer.Ordinal);

    /// <summary>The commands, without their `$`.</summary>
    public IEnumerable<string> Commands => Command().Matches(Text).Select(match => match.Groups["command"].Value);

    /// <summary>What is typed at the prompts, where that is in the picture: then it is a terminal's.</summary>
    public IEnumerable<string> Typed => TypedText().Matches(Text).Select(match => match.Groups["text"].Value);

    /// <summary>Whether its last line asks for a key.</summary>
    public bool EndsWithAQuestion => Text.EndsWith("q: leave\n", StringComparison.Ordinal);

    public bool NeedsATerminal => Typed.Any() || EndsWithAQuestion;

    /// <summary>A script that does as the block shows, its `$` lines included.</summary>
    public string Script =>
        "set -e\n" + string.Concat(
            Commands.Select(command => $"printf '%s\\n' {Shell.Quote($"$ {command}")}\n{command}\n"));

    /// <summary>The transcripts of a page.</summary>
    public static IEnumerable<Transcript> Of(string page)
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, page));
        int end = 0;
        foreach (Match block in Block().Matches(text))
        {
            string between = text[end..block.Index];
            end = block.Index + block.Length;
            if (Command().IsMatch(block.Groups["text"].Value))
            {
                int line = text[..block.Index].Count(c => c == '\n') + 1;
                yield return new(page, line, between.Contains("in the other terminal"), block.Groups["text"].Value);
            }
        }
    }

    /// <summary>The same with names, keys and paths of the test's own.</summary>
    public Transcript With(OwnNames own)
    {
        string commands = string.Join('\n', Commands);
        string text = Replace(Text, OwnPath(), path => Regex.Escape(path), own.Path);
        text = Replace(text, OwnKey(), key => Regex.Escape(key), own.Key);
        text = Replace(text, OwnName(), name => $@"\b{Regex.Escape(name)}\b", own.Name);
        return this with { Text = text };

        string Replace(string text, Regex names, Func<string, string> pattern, Func<string, string> other) =>
            names.Matches(commands).Select(match => match.Groups["name"].Value).Distinct()
                .Aggregate(text, (old, name) => Regex.Replace(old, pattern(name), other(name)));
    }

    /// <summary>Fails where this is not what came.</summary>
    public void Matches(string output)
    {
        // A terminal's screen and a page know no blanks at the end of a line.
        string came = Regex.Replace(
            Listing.Only(name => Text.Contains($" {name}\n"), output), "[ ]+$", "", RegexOptions.Multiline);
        bool isTrue = Commands.Any(command => command.Contains("--buffer-size"))
            ? IsIn(Readers(came), Readers(Text)) && IsIn(Others(came), Others(Text))
            : IsIn(came, Text);
        Assert.True(isTrue, $"{Page}, line {Line}, shows\n{Text}\nbut what comes is\n{came}");
    }

    private static bool IsIn(string came, string shown) => Regex.IsMatch(came, $"^{Pattern(shown)}$");

    // With a buffer between them, the lines of the two sides mix as luck has it; each side's own are in order.
    private static string Readers(string text) => string.Concat(ReadersLine().Matches(text).Select(line => line.Value));

    private static string Others(string text) =>
        ReadersLine().Replace(text, line => line.Value is "...\n" ? line.Value : "").Replace("\n\n", "\n");

    // What differs from run to run becomes a pattern: where the same value stands again, the same must come again.
    private static string Pattern(string text)
    {
        HashSet<string> known = [];
        int end = 0;
        string pattern = "";
        foreach (Match varying in Varying().Matches(text))
        {
            Group kind = varying.Groups.Values.Skip(1).Single(group => group.Success);
            pattern += Regex.Escape(text[end..varying.Index]) + kind.Name switch
            {
                "any" => "(.*\n)*?",
                "blanks" => " +",
                "address" => Same("address", varying.Value, "0x[0-9a-f]+"),
                "key" => Same("key", varying.Value, "[0-9a-f]{7,8}"),
                "id" => Same("id", varying.Value, "[0-9]+"),
                "number" => "[0-9.]+",
                "date" => "[A-Z][a-z]{2} +[0-9]+ +[0-9:]+",
                "owners" => @"\S+ +\S+",
                "owner" => @"\S+",
                "bin" => Regex.Escape(Repository.Bin),
                string other => throw new ArgumentException($"no pattern for {other}"),
            };
            end = varying.Index + varying.Length;
        }

        return pattern + Regex.Escape(text[end..]);

        string Same(string kind, string value, string pattern) =>
            known.Add($"{kind}_{value}") ? $"(?<{kind}_{value}>{pattern})" : $@"\k<{kind}_{value}>";
    }

    [GeneratedRegex("^```\\w*\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("^[$] (?<command>.*)$", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex($"^{Prompt}(?!shared buffer: )(?<text>.*)$", RegexOptions.Multiline)]
    private static partial Regex TypedText();

    [GeneratedRegex(@"(?<name>/tmp/\w+)")]
    private static partial Regex OwnPath();

    [GeneratedRegex(@"8-[23] (?:0x)?(?<name>[0-9a-f]+)")]
    private static partial Regex OwnKey();

    [GeneratedRegex(@"(?:8-[456] (?:--\w+ )*|/dev/shm/)(?<name>\w+)")]
    private static partial Regex OwnName();

    [GeneratedRegex(@"^\.\.\.\n| {30}(?=\S).*\n\n?", RegexOptions.Multiline)]
    private static partial Regex ReadersLine();

    // What a kind is, is seen from what stands before it.
    [GeneratedRegex("""
        (?<any>^\.\.\.\n)
        |(?<address>\b0x7f[0-9a-f]+\b)
        |(?<key>(?<=\b|\b0x)27[0-9a-f]{6}\b)
        |(?<id>(?<=shmid[ ](=[ ])?|ipcrm[ ]-m[ ]|shmget\([^)]*\)[ ]=[ ]|shmat\(|shmctl\(|^0x27[0-9a-f]{6}[ ])[0-9]+)
        |(?<id>(?<=^\[\w+[ ]|spawn\(.*\)[ ]=[ ]|\(pid[ ])[0-9]+)
        |(?<number>(?<=(creat|open)\(.*\)[ ]=[ ]|seconds[ ]|items/s[ ])[0-9.]+)
        |(?<owners>(?<=^-[rwx-]{9}[ ]1[ ])\S+[ ]+\S+)
        |(?<date>(?<=^-[rwx-]{9}[ ].*)[A-Z][a-z]{2}[ ]+[0-9]+[ ]+[0-9:]+)
        |(?<owner>(?<=^0x27[0-9a-f]{6}[ ][0-9]+[ ]+)[a-z]+)
        |(?<bin>(?<=spawn\(")[^"]*(?=/alg8-))
        |(?<blanks>(?<=\S)[ ]{2,})
        """, RegexOptions.Multiline | RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture)]
    private static partial Regex Varying();
}

/// <summary>What a test has instead of the names in the documentation: the same for the same name.</summary>
internal sealed class OwnNames(Func<string> newPath, Func<string> newKey, Func<string> newName)
{
    private readonly Dictionary<string, string> names = [];

    /// <summary>The keys that are in use.</summary>
    public List<string> Keys { get; } = [];

    public string Path(string name) => Own(name, newPath);

    public string Name(string name) => Own(name, newName);

    public string Key(string name) => Own(name, () =>
    {
        Keys.Add(newKey());
        return Keys[^1];
    });

    private string Own(string name, Func<string> make) =>
        names.TryGetValue(name, out string? own) ? own : names[name] = make();
}
