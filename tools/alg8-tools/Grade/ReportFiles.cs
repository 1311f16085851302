using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Algorithms.Linux;

namespace Algorithms;

/// <summary>The files that grade writes: for Gradescope, for the student, for the table of a class.</summary>
/// <param name="Json">Where results.json goes; null for nowhere.</param>
/// <param name="Markdown">Where the student's report goes.</param>
/// <param name="Csv">Where the table goes.</param>
internal sealed record ReportFiles(string? Json, string? Markdown, string? Csv)
{
    private static readonly ResultsJson _json = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // it is no HTML, and Chinese stays legible
        WriteIndented = true,
    });

    private readonly Lock _lock = new();
    private bool _areFolders, _isClosed;

    /// <summary>Make sure that all can be written, before an hour's work is lost.</summary>
    /// <param name="submissions">How many there are: for more than one, FILE is a folder.</param>
    /// <exception cref="ErrExit">One cannot be written.</exception>
    public void Prepare(int submissions)
    {
        _areFolders = submissions > 1;
        foreach ((string option, string? path) in (ReadOnlySpan<(string, string?)>)[("--json", Json), ("--markdown", Markdown), ("--csv", Csv)])
        {
            if (path is null)
                continue;
            bool isFolder = _areFolders && option != "--csv";
            try
            {
                // A path that leads nowhere is a slip of the pen: no more is made than what was asked for.
                if (Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))) is { } folder && !Directory.Exists(folder))
                    throw new DirectoryNotFoundException($"there is no folder {folder}");
                if (isFolder)
                    Directory.CreateDirectory(path);
                else
                    File.Open(path, FileMode.OpenOrCreate, FileAccess.Write).Dispose();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw ErrExit.Because(
                    $"{ErrExit.Program}: {option} '{path}': {e.Message}", isFolder ? "there are several submissions: give a folder, for one file each" : null);
            }
        }
    }

    /// <summary>Write one submission's results.</summary>
    public void Write(Submission submission)
    {
        if (Json is not null)
            Save(Of(submission, Json, "json"), JsonSerializer.Serialize(Gradescope.Of(submission), _json.Gradescope) + "\n");
        if (Markdown is not null)
            Save(Of(submission, Markdown, "md"), MarkdownReport.Of(submission));
    }

    /// <summary>Write the table of all.</summary>
    public void WriteTable(IEnumerable<Submission> submissions)
    {
        if (Csv is not null)
            Save(Csv, Table([.. submissions]));
    }

    /// <summary>Write nothing more: the process ends, and would leave a file half written.</summary>
    public void Close()
    {
        lock (_lock)
            _isClosed = true;
    }

    private static string Table(Submission[] submissions)
    {
        string[] checks = [.. submissions[0].Rubric.Checks.Select(check => check.Name)];
        StringBuilder table = new();
        Line(["submission", "score", "max_score", "graded", .. checks]);
        foreach (Submission submission in submissions)
        {
            Dictionary<string, CheckResult> results = submission.Results.ToDictionary(result => result.Check.Name);
            Line(
            [
                submission.Name, Number(submission.Score), Number(submission.Most),
                submission.IsDone ? "yes" : submission.Trouble is null ? "no" : $"no: {submission.Trouble}",
                .. checks.Select(check => results.TryGetValue(check, out CheckResult? result) && result.WasRun ? Number(result.Score) : ""),
            ]);
        }

        return table.ToString();

        void Line(IEnumerable<string> cells) => table.Append(CsvTable.Line(cells.Select(Shown.Line))).Append('\n');
    }

    /// <summary>A number of points, as everybody writes it.</summary>
    public static string Number(double points) => points.ToString("0.##", CultureInfo.InvariantCulture);

    private string Of(Submission submission, string path, string ending) => _areFolders ? Path.Combine(path, $"{FileName(submission.Name)}.{ending}") : path;

    // A folder's name may be as long as names can be, and hold anything: then a part of it, and what tells it from others.
    private static string FileName(string name)
    {
        const int MostBytes = 200, MostCharacters = 50;

        string shown = Shown.Line(name);
        if (shown == name && Encoding.UTF8.GetByteCount(name) <= MostBytes)
            return name;
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..12];
        return $"{shown[..Math.Min(shown.Length, MostCharacters)]}-{hash}";
    }

    // In one step: who reads it meanwhile sees the old one or the new one.
    private void Save(string path, string text)
    {
        lock (_lock)
        {
            if (_isClosed)
                return;
            if (File.Exists(path) && (File.GetAttributes(path) & (FileAttributes.Device | FileAttributes.ReparsePoint)) != 0)
            {
                File.WriteAllText(path, text);
                return;
            }

            string next = $"{path}.new";
            File.WriteAllText(next, text);
            File.Move(next, path, overwrite: true);
        }
    }
}

/// <summary>results.json, as Gradescope's autograder specification has it.</summary>
internal sealed record Gradescope(double Score, string Output, string OutputFormat, IReadOnlyList<Gradescope.Test> Tests)
{
    public static Gradescope Of(Submission submission) => new(
        submission.Score,
        string.Join("\n", Report.Heading(submission)),
        "text",
        [
            .. from result in submission.Results
               select new Test(
                   result.Check.Name, result.Score, result.Check.Points, result.Verdict.Passed ? "passed" : "failed",
                   string.Join("\n", Report.Details(result)), "text", "visible"),
        ]);

    /// <summary>One check.</summary>
    internal sealed record Test(string Name, double Score, double MaxScore, string Status, string Output, string OutputFormat, string Visibility);
}

/// <summary>What results.json is made of, known to the compiler.</summary>
[JsonSerializable(typeof(Gradescope))]
internal sealed partial class ResultsJson : JsonSerializerContext;
