using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Algorithms.Linux;

namespace Algorithms;

/// <summary>The command with which a student sees a check again, in the folder of the submission.</summary>
internal sealed partial class ByHand(Submission submission, RubricCheck check)
{
    private const string Pathname = "/tmp/myshm", Name = "myshm";

    public string Command => check.Kind switch
    {
        Scenes.Build => submission.Program(check.Program).Command,
        Scenes.Arguments => $"{File(check.Program)}{string.Concat(check.Arguments.Select(argument => " " + Quote(argument)))}; echo $?",
        Scenes.Producer => $"truncate -s 4100 /dev/shm/{Name}; {File(check.Program)} {Name}; tr -d '\\0' </dev/shm/{Name}; rm /dev/shm/{Name}",
        Scenes.Consumer =>
            $"printf %s {Quote(Expand(check.Lines[0]))} >/dev/shm/{Name}; truncate -s 4100 /dev/shm/{Name}; {File(check.Program)} {Name}; rm /dev/shm/{Name}",
        Scenes.Queue => Session(Roles.SetOf(check.Program)),
        Scenes.Set => Session([.. Roles.SetOf(check.Program).Where(role => !submission.IsAtFault(role))]),
        _ => Session(check.Program),
    };

    /// <summary>A file's name, or any other word, as a shell takes it.</summary>
    public static string Word(string text) => Shell.Quote(text);

    /// <summary>A rubric's line: {x*3000} in it stands for 3000 times x.</summary>
    public static string Expand(string line) =>
        Repetition().Replace(line, match => new StringBuilder().Insert(0, match.Groups[1].Value, Math.Min(int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture), 100_000)).ToString());

    private string Input => $"printf '%s\\n' {string.Join(' ', check.Lines.Select(line => Quote(Expand(line))))}";

    // A controller and its children: these of the submission, the others of the suite.
    private string Session(params string[] theirs)
    {
        string[] set = Roles.SetOf(check.Program);
        bool isObject = set[0] == Roles.Shmpthreadcon;
        (string input, string argument, string after) = isObject ? ("", Name, "ls -l /dev/shm") : ($"{Input} | ", Pathname, "ipcs -m");
        if (!theirs.Contains(set[0]))
        {
            IEnumerable<string> options = set[1..].Where(theirs.Contains).Select(role => $" {SessionScene.Option(role)} {File(role)}");
            return $"{input}\"$ALG8\"/run.sh {(isObject ? "8-4" : "8-1")} {argument}{string.Concat(options)}";
        }

        // A controller finds its children where it lies. In their place the suite's stand only in a copy.
        string controller = Executable(set[0]), folder = Path.GetDirectoryName(controller) ?? "";
        string run = $"{input}./{Word(Path.GetFileName(controller))} {argument}; {(Lingers ? $"ps; {after}" : after)}";
        string[] ours = [.. set[1..].Except(theirs)];
        if (ours.Length > 0)
            return $"(t=$(mktemp -d) && cp -r . \"$t\" && cd \"$t\"{(folder.Length > 0 ? "/" + Word(folder) : "")} && {string.Join(" && ", ours.Select(Child))} && {{ {run}; }})";
        return folder.Length > 0 ? $"(cd {Word(folder)} && {{ {run}; }})" : run;
    }

    // Whether a controller waits for both shows where one of them stays when the other has ended.
    private bool Lingers => check.Expect.Contains("waits");

    private string Child(string role)
    {
        string name = Word(Path.GetFileName(Executable(role))), reference = $"bin/{Roles.Reference(role)}";
        return Lingers && role == Roles.SetOf(role)[1]
            ? $"printf '#!/bin/sh\\n\"%s\" \"$@\"; sleep 2\\n' \"$ALG8\"/{reference} >{name} && chmod +x {name}"
            : $"ln -sf \"$ALG8\"/{reference} {name}";
    }

    private string Executable(string role) => submission.Program(role).Executable ?? submission.Rubric.Program(role).Names[0] + ".o";

    private string File(string role) => $"./{Word(Executable(role))}";

    // In bash's words; a long run of one letter is counted.
    private static string Quote(string text)
    {
        string quoted = $"'{text.Replace("'", "'\\''")}'";
        return LongRun().Replace(quoted, match => $"'\"$(printf '{match.Value[0]}%.0s' {{1..{match.Length}}})\"'").Replace("''\"", "\"").Replace("\"''", "\"");
    }

    [GeneratedRegex(@"\{(.)\*(\d{1,6})\}")]
    private static partial Regex Repetition();

    [GeneratedRegex(@"([A-Za-z0-9])\1{49,}")]
    private static partial Regex LongRun();
}
