using Algorithms.Console;
using Algorithms.Linux;
using Mono.Unix.Native;
using Spectre.Console;
using static Algorithms.ReportFiles;

namespace Algorithms;

/// <summary>What grade shows: all of one submission, or a table of many.</summary>
internal sealed class TerminalReport(List<Submission> submissions)
{
    private readonly bool _isTerminal = Syscall.isatty(2);
    private string _shown = "";

    /// <summary>How far it is, on a terminal's last line.</summary>
    public void Progress()
    {
        string line = $"{submissions.Count(submission => submission.IsDone || submission.Trouble is not null)} of {submissions.Count} submissions, "
            + $"{submissions.Sum(submission => submission.Results.Count(result => result.WasRun))} checks";
        if (!_isTerminal || line == _shown)
            return;
        _shown = line;
        System.Console.Error.Write($"\r\u001b[K{line}");
    }

    public void Print()
    {
        if (_isTerminal)
            System.Console.Error.Write("\r\u001b[K");
        using StringWriter text = new();
        bool isTerminal = Syscall.isatty(1);
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isTerminal && Environment.GetEnvironmentVariable("NO_COLOR") is null ? AnsiSupport.Yes : AnsiSupport.No,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(text),
        });
        if (submissions.Count == 1)
        {
            console.Profile.Width = 1_000_000; // the terminal breaks lines, so that a command can be copied as one
            PrintOne(console, submissions[0]);
        }
        else
        {
            console.Profile.Width = isTerminal ? Math.Clamp(System.Console.WindowWidth, 60, 200) : 160;
            PrintTable(console);
        }

        Stdio.printf(text.ToString());
        foreach (Submission submission in submissions.Where(submission => submission.Trouble is not null))
            Stdio.Notice($"{ErrExit.Program}: {Shown.Line(submission.Name)} could not be graded: {Shown.Text(submission.Trouble!)}");
    }

    private static void PrintOne(IAnsiConsole console, Submission submission)
    {
        if (submission.Trouble is not null)
            return;
        console.MarkupLineInterpolated($"[bold]{submission.Rubric.Title}: {Shown.Line(submission.Name)}[/]");
        foreach (string line in Report.Heading(submission))
            console.MarkupLineInterpolated($"[yellow]{line}[/]");
        HashSet<CheckResult> telling = [.. submission.TellingResults];
        foreach (CheckResult result in submission.Results)
        {
            Verdict verdict = result.Verdict;
            string points = $"{Number(result.Score)}/{Number(result.Check.Points)}";
            console.MarkupLineInterpolated($"[{(verdict.Passed ? "green" : "red")}]{(verdict.Passed ? "passed" : result.WasRun ? "FAILED" : "not checked")}[/]  {points,5}  {result.Check.Name}");
            foreach (string line in telling.Contains(result) ? Report.Details(result) : [])
            {
                foreach (string part in line.Split('\n'))
                    console.MarkupLineInterpolated($"[{(verdict.Passed ? "grey" : "default")}]{"",15}{part}[/]");
            }
        }

        console.MarkupLineInterpolated($"[bold]{Number(submission.Score)} of {Number(submission.Most)} points[/]");
    }

    private void PrintTable(IAnsiConsole console)
    {
        Table table = new() { Border = TableBorder.Rounded };
        string[] roles = [.. Roles.All.Where(role => submissions.Exists(submission => submission.Results.Any(result => result.Check.Program == role)))];
        table.AddColumn("submission").AddColumn(new TableColumn("score").RightAligned());
        foreach (string role in roles)
            table.AddColumn(new TableColumn(role).RightAligned());
        foreach (Submission submission in submissions)
        {
            IEnumerable<string> cells =
                from role in roles
                let results = submission.Results.Where(result => result.Check.Program == role && result.Check.Kind != Scenes.Set).ToArray()
                select results.Length == 0 ? "" : Cell(results.Sum(result => result.Score), results.Sum(result => result.Check.Points));
            table.AddRow(
                [Markup.Escape(Shown.Line(submission.Name)), Cell(submission.Score, submission.Most), .. cells]);
        }

        console.Write(table);

        static string Cell(double score, double most) => $"[{(score >= most ? "green" : "red")}]{Number(score)}/{Number(most)}[/]";
    }
}
