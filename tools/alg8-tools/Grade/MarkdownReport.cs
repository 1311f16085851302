using System.Text;
using Algorithms.Linux;
using static Algorithms.ReportFiles;

namespace Algorithms;

/// <summary>The report for the student.</summary>
internal static class MarkdownReport
{
    public static string Of(Submission submission)
    {
        StringBuilder text = new();
        text.Append($"# {Escape(submission.Rubric.Title)}: {Escape(submission.Name)}\n\n**{Number(submission.Score)} of {Number(submission.Most)} points**\n");
        foreach (string line in Report.Heading(submission))
            Code(line.Split('\n'));

        CheckResult[] failed = [.. submission.TellingResults.Where(result => !result.Verdict.Passed)];
        if (failed.Length > 0)
            text.Append("\n## What went wrong\n");
        foreach (CheckResult result in failed)
        {
            double lost = result.IsAbsent ? submission.Results.Where(other => other.IsAbsent && other.Check.Program == result.Check.Program).Sum(other => other.Check.Points) : result.Check.Points;
            text.Append($"\n### {Escape(result.IsAbsent ? result.Check.Program : result.Check.Name)} (0 of {Number(lost)})\n");
            Code([.. Report.Details(result)]);
        }

        text.Append("\n## All checks\n\n| check | points | |\n| --- | ---: | --- |\n");
        foreach (CheckResult result in submission.Results)
        {
            string notes = result.Verdict.Passed ? string.Join("; ", result.Verdict.Notes) : result.WasRun ? "failed" : "not checked";
            text.Append($"| {Escape(result.Check.Name)} | {Number(result.Score)} of {Number(result.Check.Points)} | {Escape(notes)} |\n");
        }

        return text.ToString();

        // A fence that is longer than any in it.
        void Code(string[] lines)
        {
            string fence = "```";
            while (lines.Any(line => line.Contains(fence, StringComparison.Ordinal)))
                fence += "`";
            text.Append($"\n{fence}text\n{string.Join('\n', lines)}\n{fence}\n");
        }
    }

    private static string Escape(string text) =>
        string.Concat(Shown.Text(text).Select(c => c is '\n' ? " " : c is '|' or '*' or '_' or '`' or '<' or '#' or '[' or '\\' ? $"\\{c}" : $"{c}"));
}
