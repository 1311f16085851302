using System.CommandLine;
using Algorithms.Console;
using Algorithms.Linux;
using Algorithms.Options;
using Mono.Unix.Native;
using static Algorithms.ShmData;

namespace Algorithms;

/// <summary>The command <c>grade</c>: builds and checks lab submissions, each kept apart, and reports.</summary>
internal static class Grade
{
    // A check sleeps most of its time, as the lecture's programs do.
    private const int ChecksPerProcessor = 6;

    public static Command Command()
    {
        Argument<string[]> submissions = new("SUBMISSION")
        {
            Description = "A student's folder: C sources, C# projects or executables, named as in the lecture",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<string?> rubric = new("--rubric") { HelpName = "FILE", Description = "What is looked for, and its points, in JSON (default: the one of tools/alg8-tools/Grade/rubric.json)" };
        Option<string?> json = new("--json") { HelpName = "FILE", Description = "Write Gradescope's results.json; for several submissions, FILE is a folder for one each" };
        Option<string?> markdown = new("--markdown") { HelpName = "FILE", Description = "Write a report for the student; for several submissions, FILE is a folder for one each" };
        Option<string?> csv = new("--csv") { HelpName = "FILE", Description = "Write a table: a line each submission, a column each check" };
        Option<bool> trust = new("--trust") { Description = "Grade without a sandbox where there can be none: only what you trust" };
        Option<int> jobs = CommandLine.Number("--jobs", "N", "How many submissions to grade at once", Environment.ProcessorCount, least: 1, most: 256);
        Command command = new("grade", "Build and check lab submissions, each kept apart from this machine and from others")
        {
            submissions, rubric, json, markdown, csv, jobs, trust,
        };
        command.SetAction(options => Run(
            options.GetValue(submissions)!, Rubric.Load(options.GetValue(rubric)), options.GetValue(jobs), options.GetValue(trust),
            new ReportFiles(options.GetValue(json), options.GetValue(markdown), options.GetValue(csv))));
        return command;
    }

    private static int Run(string[] folders, Rubric rubric, int jobs, bool trust, ReportFiles files)
    {
        const FilePermissions OthersWrite = FilePermissions.S_IWGRP | FilePermissions.S_IWOTH;

        Confinement.KeepDescriptors();
        Confinement.LeaveKeyring();
        _ = Syscall.umask(Syscall.umask(OthersWrite) | OthersWrite); // what is made here nobody else changes
        List<Submission> submissions = Named(folders, rubric);
        files.Prepare(submissions.Count);

        string temp = TempFolder.Create("alg8-grade-");
        File.SetUnixFileMode(temp, (UnixFileMode)0b111_001_001); // what is in it may be used, its names not be seen
        Runs runs = new();
        Thread? work = null;
        using IDisposable end = Signals.Own(() => End(runs, work, submissions, files, temp));
        Isolation isolation = Isolation.Find(temp, rubric.Limits.FolderMegabytes, trust);
        if (isolation.Warning is { } warning)
            Stdio.Notice($"{ErrExit.Program}: {warning}");

        int width = Math.Max(2, ChecksPerProcessor * Environment.ProcessorCount / Math.Min(jobs, submissions.Count));
        TerminalReport report = new(submissions);
        work = new(() => Crew.Do(isolation.MostAtOnce == 1 ? 1 : jobs, submissions, submission =>
        {
            if (runs.AreStopped)
                return;
            submission.Grade(isolation, runs, temp, width);
            submission.Try(() => files.Write(submission));
            submission.Try(() => files.WriteTable(submissions));
        }))
        { IsBackground = true };
        work.Start();
        while (!work.Join(100))
        {
            Signals.ThrowIfStopped();
            report.Progress();
        }

        report.Print();
        return submissions.TrueForAll(submission => submission.Trouble is null) ? EXIT_SUCCESS : EXIT_FAILURE;
    }

    // Also after a signal: what is known by then is written.
    private static void End(Runs runs, Thread? work, List<Submission> submissions, ReportFiles files, string temp)
    {
        const int PatienceMilliseconds = 5000; // a large folder may just be read

        runs.Stop();
        if (work is { IsAlive: true })
            work.Join(PatienceMilliseconds); // what it works in is taken away next
        if (submissions.Exists(submission => !submission.IsDone))
        {
            submissions.ForEach(submission => submission.Try(() => files.Write(submission)));
            submissions[0].Try(() => files.WriteTable(submissions));
        }

        files.Close();
        try
        {
            Directory.Delete(temp, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Something of a submission's is still being taken away; its own end does that.
        }
    }

    // By the folder's name; where two are called the same, by the whole path.
    private static List<Submission> Named(string[] folders, Rubric rubric)
    {
        string[] paths = [.. folders.Select(folder => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)))];
        ILookup<string, string> names = paths.Distinct().ToLookup(path => Path.GetFileName(path));
        return
        [
            .. from path in paths.Distinct()
               let name = Path.GetFileName(path)
               select new Submission(names[name].Count() == 1 && name.Length > 0 ? name : path.Trim('/').Replace('/', '_'), path, rubric),
        ];
    }
}
