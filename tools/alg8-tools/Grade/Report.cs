using Algorithms.Linux;

namespace Algorithms;

/// <summary>The words that all reports have in common.</summary>
internal static class Report
{
    /// <summary>What there is to say of a submission as a whole.</summary>
    public static IEnumerable<string> Heading(Submission submission)
    {
        if (submission.Trouble is { } trouble)
            yield return $"It could not be graded: {Shown.Text(trouble)}.";
        else if (!submission.IsDone)
            yield return "It is graded in part: grade was stopped before its end.";
        foreach (string note in submission.Build?.Notes ?? [])
            yield return Shown.Text(note);
        if (LooksLikeQueue(submission))
            yield return "The segment has another size, and shmread and shmwrite do not work with the single slot. If these are the programs of the circular queue: "
                + $"they should be called {string.Join(", ", submission.Rubric.QueueNames(submission.Build?.Programs ?? []))}, and those of the single slot be handed in beside them.";
        string[] commands = [.. from result in submission.TellingResults where !result.Verdict.Passed select result.ByHand];
        if (Array.Exists(commands, command => command.Length > 0))
        {
            string suite = Array.Exists(commands, command => command.Contains("$ALG8", StringComparison.Ordinal)) ? "; ALG8 is the folder of the suite, from / on" : "";
            yield return $"The commands below are for the submission's folder, with its programs built there{suite}.";
        }
    }

    // Who has turned the first part's programs into the second's loses the first part's points, and should know why.
    private static bool LooksLikeQueue(Submission submission)
    {
        CheckResult[] slot = [.. submission.Results.Where(result => result.Check.Kind is Scenes.Reader or Scenes.Writer)];
        return submission.Rubric.QueueNames(submission.Build?.Programs ?? []).Length > 0
            && slot.Length > 0 && Array.TrueForAll(slot, result => result.WasRun && !result.IsAbsent && !result.Verdict.Passed)
            && submission.Results.Any(result => result.Check.Kind == Scenes.Controller && result.Verdict.What == "the segment's size");
    }

    /// <summary>What a student needs to know of a check: nothing where all is well.</summary>
    public static IEnumerable<string> Details(CheckResult result)
    {
        Verdict verdict = result.Verdict;
        if (!verdict.Passed)
        {
            if (verdict.What.Length > 0)
            {
                yield return $"looked at: {Shown.Text(verdict.What)}";
                foreach (string line in Lines("expected:", verdict.Expected).Concat(Lines("came:", verdict.Came)))
                    yield return line;
                yield return $"first difference: {Shown.Text(verdict.Difference)}";
            }
            else
            {
                yield return Shown.Text(verdict.Difference);
            }
        }

        foreach (string note in verdict.Notes)
            yield return $"note: {Shown.Text(note)}";
        if (!verdict.Passed && result.ByHand.Length > 0)
            yield return $"see it again: {Shown.Text(result.ByHand)}";
    }

    private static IEnumerable<string> Lines(string title, IReadOnlyList<string> lines)
    {
        if (lines.Count == 0)
            return [$"{title,-9} (nothing)"];
        return lines.Select((line, i) => $"{(i == 0 ? title : ""),-9} {Shown.Text(line)}");
    }
}
