using System.Text.Json.Serialization;
using Algorithms.Linux;
using Algorithms.Session;

namespace Algorithms;

/// <summary>What grade hands to the half of it that works inside an isolation: on standard input, as one line of JSON.</summary>
internal sealed record Plan
{
    public required GradeLimits Limits { get; init; }

    /// <summary>Whom the submission's programs run as; null: whoever grades.</summary>
    public uint? User { get; init; }

    /// <summary>Whether this is the first process of namespaces of its own.</summary>
    public bool IsInit { get; init; }

    /// <summary>What the environment of every process of this check holds, to find them by.</summary>
    public required string Mark { get; init; }

    /// <summary>The folder into which the submission is unpacked, and in which its programs start.</summary>
    public required string Work { get; init; }

    /// <summary>A folder for what belongs to the check and not to the submission.</summary>
    public required string Temp { get; init; }

    /// <summary>The folder of the suite's own programs.</summary>
    public required string Suite { get; init; }

    /// <summary>The submission's files, as a tar archive: the sources for a build, with all that was built for a check.</summary>
    public required string Archive { get; init; }

    /// <summary>The folder of NuGet packages that restore may use; null if there is none.</summary>
    public string? Packages { get; init; }

    /// <summary>To build: with which rubric. Null: to check.</summary>
    public Rubric? Build { get; init; }

    public RubricCheck? Check { get; init; }

    public IReadOnlyList<BuiltProgram> Programs { get; set; } = [];

    /// <summary>What each program may be called, by the rubric.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> ChildNames { get; set; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>In a set: the programs whose place the suite's own take.</summary>
    public IReadOnlyList<string> Replaced { get; set; } = [];
}

/// <summary>A program of a submission, and how it was built.</summary>
internal sealed record BuiltProgram
{
    public required string Role { get; init; }

    /// <summary>Its source, project or executable, below the submission's folder; null where nothing was found.</summary>
    public string? Source { get; init; }

    /// <summary>Its executable, below the submission's folder; null where it could not be built.</summary>
    public string? Executable { get; init; }

    /// <summary>The command that builds it.</summary>
    public string Command { get; set; } = "";

    /// <summary>What the compiler said, shortened.</summary>
    public string Errors { get; set; } = "";
}

/// <summary>What a build has made of a submission. The archive of all its files follows behind it.</summary>
internal sealed record BuildReport
{
    public IReadOnlyList<BuiltProgram> Programs { get; set; } = [];

    public IReadOnlyList<string> Notes { get; set; } = [];
}

/// <summary>All that is written and read as JSON, known to the compiler: NativeAOT has no reflection to find it out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    ReadCommentHandling = System.Text.Json.JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    RespectNullableAnnotations = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(Rubric))]
[JsonSerializable(typeof(Plan))]
[JsonSerializable(typeof(BuildReport))]
[JsonSerializable(typeof(Verdict))]
internal sealed partial class GradeJson : JsonSerializerContext;
