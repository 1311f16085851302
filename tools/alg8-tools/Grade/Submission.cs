using System.Text.Json;
using Algorithms.Linux;
using Algorithms.Session;

namespace Algorithms;

/// <summary>One student's folder, and what came of grading it.</summary>
/// <param name="Name">What reports call it.</param>
/// <param name="Folder">Where it lies.</param>
/// <param name="Rubric">By what it is graded.</param>
internal sealed record Submission(string Name, string Folder, Rubric Rubric)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, CheckResult> _results = [];

    /// <summary>Why it could not be graded; null where it could.</summary>
    public string? Trouble { get; private set; }

    public BuildReport? Build { get; private set; }

    /// <summary>Whether every check has its verdict.</summary>
    public bool IsDone { get; private set; }

    /// <summary>The rubric's checks in their order, without those of an optional part that was not handed in.</summary>
    public IReadOnlyList<CheckResult> Results =>
        [.. Checks.Select(check => ResultOf(check) ?? new CheckResult(check, Verdict.Fail($"not checked: {Trouble ?? "grade was stopped before"}"), "", WasRun: false))];

    public double Score => Results.Sum(result => result.Score);

    public double Most => Checks.Sum(check => check.Points);

    private IEnumerable<RubricCheck> Checks => Rubric.Checks.Where(check => !IsLeftOut(check));

    /// <summary>Build it and make every check.</summary>
    /// <param name="isolation">Where.</param>
    /// <param name="runs">Where those can be stopped that are at work.</param>
    /// <param name="temp">A folder for the time of the run.</param>
    /// <param name="width">How many checks at once.</param>
    public void Grade(Isolation isolation, Runs runs, string temp, int width)
    {
        string sources = Path.Combine(temp, $"{Guid.NewGuid():N}.tar"), built = sources + ".built";
        try
        {
            if (!Directory.Exists(Folder))
                throw ErrExit.Because(File.Exists(Folder) ? "it is a file, not a folder" : "there is no such folder");
            isolation.Pack(Folder, sources);
            using (Isolation.Run run = runs.Start(isolation, NewPlan() with { Build = Rubric }, sources))
            {
                BuildReport report = JsonSerializer.Deserialize(run.Result(), GradeJson.Default.BuildReport)!;
                run.SaveRest(built, Rubric.Limits.FolderMegabytes);
                Build = report;
            }

            // A set is put together of what is in order by itself.
            bool IsSet(RubricCheck check) => check.Kind == Scenes.Set;
            Crew.Do(Math.Min(width, isolation.MostAtOnce), Checks.Where(check => !IsSet(check)), check => Decide(check, isolation, runs, built));
            Crew.Do(Math.Min(width, isolation.MostAtOnce), Checks.Where(IsSet), check => Decide(check, isolation, runs, built));
            IsDone = !runs.AreStopped;
        }
#pragma warning disable CA1031 // whatever it is: the others are graded all the same
        catch (Exception e)
#pragma warning restore CA1031
        {
            Trouble = runs.AreStopped ? "grade was stopped before" : e.Message; // then its folder may have been taken away
        }
        finally
        {
            if (!runs.AreStopped)
            {
                File.Delete(sources);
                File.Delete(built);
            }
        }
    }

    /// <summary>Do something for it; what fails is told as its trouble.</summary>
    public void Try(Action action)
    {
        try
        {
            action();
        }
#pragma warning disable CA1031
        catch (Exception e)
#pragma warning restore CA1031
        {
            Trouble ??= e.Message;
        }
    }

    /// <summary>The program of a role, as it was found and built.</summary>
    public BuiltProgram Program(string role) => Build?.Programs.FirstOrDefault(program => program.Role == role) ?? new BuiltProgram { Role = role };

    /// <summary>The same, but of the checks of a program that is not there only the first: it says all.</summary>
    public IEnumerable<CheckResult> TellingResults => Results.GroupBy(result => result.IsAbsent ? result.Check.Program : result.Check.Name).Select(group => group.First());

    private CheckResult? ResultOf(RubricCheck check)
    {
        lock (_lock)
            return _results.GetValueOrDefault(check.Name);
    }

    // Nothing is known to be handed in where nothing could be built.
    private bool IsLeftOut(RubricCheck check) =>
        Rubric.Program(check.Program).Optional && (Build is not null || Trouble is not null) && Roles.SetOf(check.Program).All(role => Program(role).Source is null);

    private void Decide(RubricCheck check, Isolation isolation, Runs runs, string archive)
    {
        if (runs.AreStopped)
            return;
        string byHand = new ByHand(this, check).Command;
        Verdict verdict;
        bool isAbsent = false;
        string[] replaced = check.Kind == Scenes.Set ? [.. Roles.SetOf(check.Program).Where(IsAtFault)] : [];
        if (NotPlayed(check, replaced) is { } reason)
        {
            (verdict, byHand, isAbsent) = (reason, check.Kind == Scenes.Build ? byHand : "", !reason.Passed && check.Kind != Scenes.Set);
        }
        else
        {
            try
            {
                RubricCheck expanded = check with { Lines = [.. check.Lines.Select(ByHand.Expand)] };
                using Isolation.Run run = runs.Start(isolation, NewPlan() with { Check = expanded, Programs = Build!.Programs, Replaced = replaced }, archive);
                verdict = JsonSerializer.Deserialize(run.Result(), GradeJson.Default.Verdict)!;
                if (runs.AreStopped)
                    return; // its programs may have been ended by us
            }
#pragma warning disable CA1031 // whatever it is: the other checks are made all the same
            catch (Exception e)
#pragma warning restore CA1031
            {
                if (runs.AreStopped)
                    return;
                verdict = Verdict.Fail($"the check did not come to its end: {e.Message}");
            }
        }

        if (replaced.Length > 0)
            verdict = verdict with { Notes = [.. verdict.Notes, $"with the suite's {string.Join(" and ", replaced)}: the faults of the submission's own are counted above"] };
        lock (_lock)
            _results[check.Name] = new CheckResult(check, verdict, byHand, WasRun: true, IsAbsent: isAbsent);
    }

    // What is known without a scene.
    private Verdict? NotPlayed(RubricCheck check, string[] replaced)
    {
        BuiltProgram program = Program(check.Program);
        if (check.Kind == Scenes.Build)
            return program.Executable is not null ? Verdict.Pass([]) : Missing(program, program.Errors);
        if (check.Kind == Scenes.Set)
            return replaced.Length > 1 ? Verdict.Fail("fewer than two of the programs are in order by themselves: there is nothing to put together") : null;
        string[] needed = check.Kind == Scenes.Queue ? Roles.SetOf(check.Program) : [check.Program];
        return needed.Select(Program).FirstOrDefault(other => other.Executable is null) is { } absent ? Missing(absent, absent.Errors.Split('\n')[0]) : null;
    }

    private Verdict Missing(BuiltProgram program, string errors) => Verdict.Fail(program.Source is null
        ? $"{program.Role} was not found: its file should be called {Rubric.Program(program.Role).Names[0]}.c"
        : $"{program.Source} could not be built:\n{errors}");

    /// <summary>Whether a program is absent, or has lost points by itself: in a set, the suite's own takes its place.</summary>
    public bool IsAtFault(string role)
    {
        lock (_lock)
        {
            return Program(role).Executable is null
                || _results.Values.Any(result => result.Check.Program == role && result.Check.Kind != Scenes.Set && !result.Verdict.Passed);
        }
    }

    private Plan NewPlan() => new()
    {
        Limits = Rubric.Limits,
        ChildNames = Rubric.Programs.ToDictionary(program => program.Role, program => (IReadOnlyList<string>)[.. program.Names.Where(name => !name.Contains('/'))]),
        Mark = "",
        Work = "",
        Temp = "",
        Suite = "",
        Archive = "",
    };
}

/// <summary>One check's verdict on one submission.</summary>
/// <param name="Check">The check.</param>
/// <param name="Verdict">How it ended.</param>
/// <param name="ByHand">How to see it again.</param>
/// <param name="WasRun">Whether there was time to make it.</param>
/// <param name="IsAbsent">Whether there was nothing to check: the program was not found, or could not be built.</param>
internal sealed record CheckResult(RubricCheck Check, Verdict Verdict, string ByHand, bool WasRun, bool IsAbsent = false)
{
    public double Score => Verdict.Passed ? Check.Points : 0;
}
