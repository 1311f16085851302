namespace Algorithms;

/// <summary>A scene: one program of the submission, or some, with whom and what they need; and what should come of it.</summary>
internal abstract class Scene(Ground ground)
{
    protected Ground Ground { get; } = ground;

    protected RubricCheck Check { get; } = ground.Plan.Check!;

    /// <summary>What else is good to know where the check has failed.</summary>
    protected List<string> Notes { get; } = [];

    /// <summary>Faults of the lecture's own programs, which the rubric allows.</summary>
    protected List<string> KnownFaults { get; } = [];

    /// <summary>Play the plan's scene.</summary>
    public static Verdict Play(Ground ground)
    {
        Scene scene = ground.Plan.Check!.Kind switch
        {
            Scenes.Reader => new ReaderScene(ground),
            Scenes.Writer => new WriterScene(ground),
            Scenes.Controller => new ControllerScene(ground),
            Scenes.Producer => new ProducerScene(ground),
            Scenes.Consumer => new ConsumerScene(ground),
            Scenes.ObjectController => new ObjectControllerScene(ground),
            Scenes.Session or Scenes.Set => new SessionScene(ground),
            Scenes.Queue => new QueueScene(ground),
            _ => new ArgumentsScene(ground),
        };
        try
        {
            scene.Play();
            return Verdict.Pass(scene.KnownFaults.Select(fault => $"known fault, which costs nothing: {fault}"));
        }
        catch (Unmet unmet)
        {
            return new Verdict
            {
                What = unmet.What,
                Expected = unmet.Expected,
                Came = unmet.Came,
                Difference = unmet.Message,
                Notes = [.. scene.Notes.Distinct()],
            };
        }
    }

    protected abstract void Play();

    protected bool Expects(string aspect) => Check.Expect.Contains(aspect);

    /// <summary>The executable of a role, as it is started: the submission's own.</summary>
    protected string Theirs(string role) => Path.Combine(Ground.Plan.Work, Ground.Plan.Programs.First(program => program.Role == role).Executable!);

    protected string Ours(string role) => Path.Combine(Ground.Plan.Suite, Roles.Reference(role));

    /// <summary>Say of a program what its own verdict may not show: how it ended, what stands on its standard error.</summary>
    protected void Note(string name, Actor actor)
    {
        if (actor.HasExited && (actor.Status != 0 || actor.Flooded))
            Notes.Add($"{name}: {actor.Fate()}");
        NoteError(name, actor.Error);
    }

    protected void NoteError(string name, string error)
    {
        string[] lines = error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (lines.Length > 0)
            Notes.Add($"on {name}'s standard error: {string.Join(" | ", lines.Take(3).Select(line => line.Length > 200 ? line[..200] + "..." : line))}{(lines.Length > 3 ? $" ... {lines.Length - 3} lines more" : "")}");
    }

    /// <summary>It must end by itself, in time, with exit status 0.</summary>
    protected static void EndsWell(string name, Actor actor) =>
        Unmet.Unless(actor.HasExited && actor.Status == 0, $"the end of {name}", "it ends by itself, with exit status 0", actor.Fate());
}
