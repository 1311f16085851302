namespace Algorithms;

/// <summary>A program with a command line that is wrong: it says so, and ends.</summary>
internal sealed class ArgumentsScene(Ground ground) : Scene(ground)
{
    protected override void Play()
    {
        Actor actor = Ground.Start(Theirs(Check.Program), Check.Arguments);
        actor.CloseInput();
        bool ended = actor.Ends();
        Note(Check.Program, actor);
        string what = $"{Check.Program} {(Check.Arguments.Count == 0 ? "without arguments" : $"with {string.Join(' ', Check.Arguments.Select(Unmet.Quote))}")}";
        Unmet.Unless(ended && actor.Status != 0, what, "an error, with an exit status other than 0", actor.Fate());
        if (actor.Status > 128 && !actor.Flooded && Check.Allow.Contains("crash"))
            KnownFaults.Add("it crashes instead of saying what is wrong");
        else
            Unmet.Unless(actor.Status < 128, what, "an error, with an exit status of its own", actor.Fate());
        string left = string.Join(", ", Ground.Segments.Select(segment => $"a segment of key {segment.Key:x}").Concat(Ground.Objects));
        Unmet.Unless(left.Length == 0, $"{what}: what it leaves behind", "nothing", left);
    }
}
