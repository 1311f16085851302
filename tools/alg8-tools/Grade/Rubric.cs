using System.Text.Json;
using System.Text.RegularExpressions;
using Algorithms.Linux;

namespace Algorithms;

/// <summary>What is looked for in a submission, and what it is worth: docs/grading.md explains each field.</summary>
internal sealed partial record Rubric
{
    /// <summary>The file that is built in, as the repository has it.</summary>
    public const string Default = "rubric.json";

    public required string Title { get; init; }

    /// <summary>How one C source is compiled; {output} and {source} stand for its files.</summary>
    public string Compile { get; set; } = "gcc -o {output} {source} -lrt";

    public GradeLimits Limits { get; set; } = new();

    public required IReadOnlyList<RubricProgram> Programs { get; init; }

    public required IReadOnlyList<RubricCheck> Checks { get; init; }

    /// <summary>Read a rubric, and make sure that every word in it has a meaning.</summary>
    /// <param name="file">Null for the one that is built in.</param>
    /// <exception cref="ErrExit">There is no such file, or something in it is wrong.</exception>
    public static Rubric Load(string? file)
    {
        string name = file ?? Default;
        try
        {
            using Stream stream = file is null
                ? typeof(Rubric).Assembly.GetManifestResourceStream(Default)!
                : File.OpenRead(file);
            Rubric rubric = JsonSerializer.Deserialize(stream, GradeJson.Default.Rubric) ?? throw new JsonException("an object {...} is expected here");
            return rubric.Mistakes().FirstOrDefault() is { } mistake
                ? throw ErrExit.Because($"{ErrExit.Program}: {name}: {mistake}", "docs/grading.md lists what a rubric may say")
                : rubric;
        }
        catch (JsonException e)
        {
            throw ErrExit.Because(
                $"{ErrExit.Program}: {name}{(e.LineNumber is { } line ? $", line {line + 1}" : "")}: {InWords(e)}",
                "docs/grading.md lists what a rubric may say");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ErrExit.Because($"{ErrExit.Program}: --rubric '{name}': {e.Message}");
        }
    }

    // The serializer speaks of .NET's types; a rubric's author knows lists, numbers and texts.
    private static string InWords(JsonException e)
    {
        string message = e.Message.Split(" Path: ")[0], field = e.Path is { Length: > 2 } path ? $"{path[2..]}: " : "";
        return Unknown().Match(message) is { Success: true } unknown ? $"'{unknown.Groups[1].Value}' is no field of a rubric here"
            : Missing().Match(message) is { Success: true } missing ? $"{field}missing: {missing.Groups[1].Value}"
            : message.Contains("null values", StringComparison.Ordinal) ? $"{field}null is no value of a field"
            : message.Contains("could not be converted to", StringComparison.Ordinal) ? $"{field}{Expected(message, e.InnerException?.Message ?? "")} is expected here"
            : message;
    }

    private static string Expected(string message, string inner) =>
        message.Contains("List`", StringComparison.Ordinal) ? "a list [...]"
        : inner.EndsWith(" as a string.", StringComparison.Ordinal) ? "a text \"...\""
        : inner.EndsWith(" as a boolean.", StringComparison.Ordinal) ? "true or false"
        : inner.EndsWith(" as a number.", StringComparison.Ordinal) ? "a number"
        : inner.Contains("Int32", StringComparison.Ordinal) ? "a whole number"
        : "an object {...}";

    [GeneratedRegex("property '(.*)' could not be mapped")]
    private static partial Regex Unknown();

    [GeneratedRegex(@"missing required properties including: (.*?)\.?$")]
    private static partial Regex Missing();

    /// <summary>What the sources of the circular queue should be called, of which no such file was found.</summary>
    public string[] QueueNames(IReadOnlyList<BuiltProgram> found) =>
    [
        .. from program in Programs
           where Roles.SetOf(program.Role)[0] == Roles.QueueCon && !found.Any(built => built.Role == program.Role && built.Source is not null)
           select $"{program.Names[0]}.c",
    ];

    public RubricProgram Program(string role) => Programs.First(program => program.Role == role);

    private IEnumerable<string> Mistakes()
    {
        bool IsNull(IReadOnlyList<string>? texts) => texts?.Contains(null!) != false;
        if (Compile is null || Limits is null || Programs.Any(program => program is null || IsNull(program.Names))
            || Checks.Any(check => check is null || IsNull(check.Expect) || IsNull(check.Lines) || IsNull(check.Allow) || IsNull(check.Arguments)))
        {
            yield return "null is no value of a field";
            yield break;
        }

        if (!Compile.Contains("{output}", StringComparison.Ordinal) || !Compile.Contains("{source}", StringComparison.Ordinal))
            yield return $"compile '{Compile}': {{output}} and {{source}} must stand in it";
        foreach (RubricProgram program in Programs)
        {
            if (!Roles.All.Contains(program.Role))
                yield return $"role '{program.Role}': not one of {string.Join(", ", Roles.All)}";
            if (program.Names.Count == 0)
                yield return $"the program {program.Role} has no names";
        }

        if (Programs.CountBy(program => program.Role).FirstOrDefault(pair => pair.Value > 1) is { Key: { } twice })
            yield return $"the program {twice} stands twice";
        if (Checks.CountBy(check => check.Name).FirstOrDefault(pair => pair.Value > 1) is { Key: { } again })
            yield return $"two checks are called '{again}'";
        if (Checks.Count == 0)
            yield return "there are no checks";
        if (Limits.Mistake() is { } limit)
            yield return limit;
        foreach (RubricCheck check in Checks)
        {
            if (check.Mistake(Programs) is { } mistake)
                yield return $"check '{check.Name}': {mistake}";
        }
    }
}

/// <summary>One program of the lab, and how students call it.</summary>
internal sealed record RubricProgram
{
    /// <summary>Which of the lecture's programs it is: one of <see cref="Roles"/>.</summary>
    public required string Role { get; init; }

    /// <summary>What its files may be called, without their endings; dots, dashes and capitals do not matter.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>Where nothing of its part is handed in, the part's checks are left out of the score.</summary>
    public bool Optional { get; init; }
}

/// <summary>One thing that is looked at, and its points.</summary>
internal sealed record RubricCheck
{
    public required string Name { get; init; }

    /// <summary>Which scene is played: one of <see cref="Scenes"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>The program that loses the points; for a set, the set's controller.</summary>
    public required string Program { get; init; }

    public double Points { get; init; }

    /// <summary>What of the scene counts.</summary>
    public IReadOnlyList<string> Expect { get; set; } = [];

    /// <summary>What is typed, a message each; the POSIX programs take the first.</summary>
    public IReadOnlyList<string> Lines { get; set; } = ["Hello World!", "end"];

    /// <summary>Known faults of the lecture's own programs that cost nothing.</summary>
    public IReadOnlyList<string> Allow { get; set; } = [];

    /// <summary>The command line, for the scene `arguments`.</summary>
    public IReadOnlyList<string> Arguments { get; set; } = [];

    /// <summary>A limit of its own, in seconds; 0: the rubric's.</summary>
    public int Seconds { get; init; }

    public string? Mistake(IReadOnlyList<RubricProgram> programs)
    {
        if (!Scenes.Aspects.TryGetValue(Kind, out Scenes.Terms? terms))
            return $"kind '{Kind}': not one of {string.Join(", ", Scenes.Aspects.Keys)}";
        if (!programs.Any(program => program.Role == Program))
            return $"program '{Program}': not one of the rubric's programs";
        if (!terms.Roles.Contains(Program))
            return $"kind '{Kind}' is for {string.Join(", ", terms.Roles)}, not for '{Program}'";
        if (Expect.FirstOrDefault(word => !terms.Expect.Contains(word)) is { } unknown)
            return $"expect '{unknown}': not one of {string.Join(", ", terms.Expect)}";
        if (terms.Expect.Length > 0 && Expect.Count == 0)
            return $"it expects nothing; give some of {string.Join(", ", terms.Expect)}";
        if (Allow.FirstOrDefault(word => !terms.Allow.Contains(word)) is { } stranger)
            return $"allow '{stranger}': not one of {string.Join(", ", terms.Allow.DefaultIfEmpty("(nothing)"))}";
        if (!double.IsFinite(Points) || Points < 0)
            return $"points {Points}: not a number from 0 up";
        if (Seconds is < 0 or > 600)
            return $"seconds {Seconds}: not a number from 1 to 600";
        return Lines.Count == 0 || Lines.Any(line => line.AsSpan().ContainsAny('\n', '\0')) ? "lines: give at least one, each without line breaks" : null;
    }
}

/// <summary>What a submission may use up.</summary>
internal sealed record GradeLimits
{
    /// <summary>Seconds for one check.</summary>
    public int Seconds { get; set; } = 15;

    /// <summary>Seconds for one compiler, Makefile or project.</summary>
    public int BuildSeconds { get; set; } = 90;

    /// <summary>Seconds of processor time of one process of a check.</summary>
    public int CpuSeconds { get; set; } = 10;

    /// <summary>How much of one program's output is looked at, in KiB; who prints more is ended.</summary>
    public int OutputKilobytes { get; set; } = 64;

    /// <summary>Memory of one process of a check, in MiB; shared memory and files each have as much for all of them.</summary>
    public int MemoryMegabytes { get; set; } = 256;

    /// <summary>Memory of all processes of a check together, in MiB; if it is less than that of one, that counts.</summary>
    public int AllMemoryMegabytes { get; set; } = 1024;

    /// <summary>Processes and threads of one check.</summary>
    public int Processes { get; set; } = 64;

    /// <summary>How large the folder of a submission may be, and all that is built from it, in MiB.</summary>
    public int FolderMegabytes { get; set; } = 256;

    public string? Mistake() =>
        Out(Seconds, 1, 600, "seconds") ?? Out(BuildSeconds, 1, 600, "buildSeconds") ?? Out(CpuSeconds, 1, 600, "cpuSeconds")
        ?? Out(OutputKilobytes, 1, 1024, "outputKilobytes") ?? Out(MemoryMegabytes, 64, 65536, "memoryMegabytes")
        ?? Out(AllMemoryMegabytes, 64, 1 << 20, "allMemoryMegabytes") ?? Out(Processes, 16, 4096, "processes") ?? Out(FolderMegabytes, 1, 4096, "folderMegabytes");

    private static string? Out(int value, int least, int most, string name) =>
        value >= least && value <= most ? null : $"limits: {name} {value}: not a whole number from {least} to {most}";
}
