using System.Security.Cryptography;

namespace Algorithms;

/// <summary>
/// A controller, its two children, and what goes between them: one program of the submission with two of the suite, or
/// all three of the submission.
/// </summary>
internal sealed class SessionScene(Ground ground) : Scene(ground)
{
    private const int Attempts = 5;

    private readonly Wrappers _wrappers = new(ground);

    private bool IsSet => Check.Kind == Scenes.Set;

    protected override void Play()
    {
        string[] roles = Roles.SetOf(Check.Program);
        bool allowsEarly = Check.Allow.Contains("early-consumer");
        for (int attempt = 1; ; attempt++)
        {
            _wrappers.Reset();
            _mayBeEarly = allowsEarly && attempt == Attempts;
            try
            {
                Play(roles[0], roles[1], roles[2]);
                if (attempt > 1)
                    KnownFaults.Add($"the consumer does not wait for the message, and was too early {(_wasEarly ? attempt : attempt - 1)} times in {attempt}");
                return;
            }
            catch (Unmet) when (_wasEarly && allowsEarly && !_mayBeEarly)
            {
                Notes.Clear();
                Ground.KillAll();
            }
        }
    }

    private bool _wasEarly, _mayBeEarly;

    private bool IsTheirs(string role) => IsSet ? !Ground.Plan.Replaced.Contains(role) : role == Check.Program;

    private void Play(string controllerRole, string first, string second)
    {
        bool isObject = controllerRole == Roles.Shmpthreadcon;
        string name = isObject ? $"myshm{RandomNumberGenerator.GetInt32(100000, 999999)}" : Path.Combine(Ground.Plan.Temp, $"myshm{RandomNumberGenerator.GetInt32(1000, 9999)}");
        string text = Check.Lines[0];
        Actor controller = IsTheirs(controllerRole) ? StartTheirs(controllerRole, first, second, name, text) : StartOurs(controllerRole, first, second, name, text);
        if (!isObject)
            controller.Type(string.Concat(Check.Lines.Select(line => line + "\n")));
        controller.CloseInput();
        controller.Ends();

        // Where children of the submission write to the controller's standard output, it is sorted by the kinds of lines.
        string shared = controller.Output;
        Transcript Of(string role) => new(_wrappers.Starts(role).Length > 0 ? _wrappers.Output(role) : shared);
        Note(controllerRole, controller);
        foreach (string role in (string[])[first, second])
            NoteError(role, _wrappers.Error(role));

        if (isObject)
            CheckObject(Of(first), Of(second), first, text);
        else
            CheckMessages(Of(first), Of(second), first, second);
        EndsWell(controllerRole, controller);
        if (IsTheirs(controllerRole))
            CheckNothingLeft(controllerRole);
    }

    private Actor StartTheirs(string controller, string first, string second, string name, string text)
    {
        string file = Theirs(controller);
        foreach (string role in (string[])[first, second])
        {
            if (IsTheirs(role))
                _wrappers.PutTheirs(role, file, Theirs(role));
            else
                _wrappers.PutOurs(role, file, text);
        }

        return Ground.Start(file, name);
    }

    private Actor StartOurs(string controller, string first, string second, string name, string text)
    {
        string Script(string role) => IsTheirs(role) ? _wrappers.ScriptOfTheirs(role, Theirs(role)) : _wrappers.ScriptOfOurs(role, text);
        return Ground.Start(
            Ours(controller), name, Option(first), Script(first), Option(second), Script(second));
    }

    /// <summary>A controller's option for a child: --reader, --writer, --producer, --consumer.</summary>
    public static string Option(string role) => role switch
    {
        Roles.Shmread => "--reader",
        Roles.Shmwrite => "--writer",
        Roles.Shmproducer => "--producer",
        _ => "--consumer",
    };

    private void CheckMessages(Transcript reader, Transcript writer, string first, string second)
    {
        Unmet.IfDifferent($"what {second} prints of the messages", Lines(LineKind.Buffer, Check.Lines), Lines(LineKind.Buffer, writer.Texts(LineKind.Buffer)));
        Unmet.IfDifferent($"what {first} prints of the messages", Lines(LineKind.Wrote, Check.Lines), Lines(LineKind.Wrote, reader.Texts(LineKind.Wrote)));
    }

    // `end` counts by its first three letters: so it is compared with strncmp.
    private static string[] Lines(LineKind kind, IEnumerable<string> texts) =>
        [.. texts.Select(text => Transcript.Show(kind, text.StartsWith("end", StringComparison.Ordinal) ? "end" : text))];

    private void CheckObject(Transcript producer, Transcript consumer, string first, string text)
    {
        string[] came = consumer.Texts(LineKind.Consumed), produced = producer.Texts(LineKind.Produced);
        _wasEarly = came is [""];
        Unmet.Unless(produced.Length == 1, $"what {first} prints", Transcript.Show(LineKind.Produced, text), produced.Length == 0 ? "nothing of the kind" : $"{produced.Length} such lines");
        if (_wasEarly && _mayBeEarly)
            return; // it had its chances; all else that is looked for is looked for all the same
        Unmet.IfDifferent(
            "what the consumer prints", [Transcript.Show(LineKind.Consumed, produced[0])], [.. came.Select(other => Transcript.Show(LineKind.Consumed, other))]);
    }

    private void CheckNothingLeft(string controller)
    {
        string left = string.Join(", ", Ground.Segments.Select(segment => $"a segment of key {segment.Key:x}").Concat(Ground.Objects.Select(name => $"/dev/shm/{name}")));
        Unmet.Unless(left.Length == 0, $"what {controller} leaves behind", "nothing", left);
    }
}
