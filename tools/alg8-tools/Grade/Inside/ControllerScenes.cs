using System.Globalization;
using System.Security.Cryptography;
using Algorithms.Linux;
using Mono.Unix.Native;

namespace Algorithms;

/// <summary>A controller with the suite's own children, which write down what they are given, and linger.</summary>
internal abstract class ControllerSceneBase(Ground ground, string role) : Scene(ground)
{
    protected string Role { get; } = role;

    protected string First { get; } = Roles.SetOf(role)[1];

    protected string Second { get; } = Roles.SetOf(role)[2];

    protected Wrappers Wrappers { get; } = new(ground);

    // It is the other child that lingers the second time: who waits for one only is early once.
    protected override void Play()
    {
        string[] lingering = Expects("waits") ? [First, Second] : [""];
        foreach (string lingers in lingering)
        {
            Wrappers.Reset();
            Play(lingers);
            Ground.KillAll();
        }
    }

    protected abstract void Play(string lingers);

    // They wait: what the controller has made is to be looked at before it can remove it.
    protected void PutChildren(string controller, string lingers)
    {
        foreach (string child in (string[])[First, Second])
            Wrappers.PutOurs(child, controller, lingers: lingers == child, waits: true);
    }

    // The second it may start only when the first has ended.
    protected void UntilChildrenWait(Actor controller)
    {
        const int FirstMilliseconds = 6000, SecondMilliseconds = 1000;

        Ground.Until(() => controller.HasExited || HasStarted(First) || HasStarted(Second), FirstMilliseconds);
        Ground.Until(() => controller.HasExited || (HasStarted(First) && HasStarted(Second)), SecondMilliseconds);
    }

    protected bool HasStarted(string child) => Wrappers.Starts(child).Length > 0;

    /// <summary>Wait for the controller's end. Who then still runs was not waited for.</summary>
    protected bool WaitsForAll(Actor controller, out string came)
    {
        const int ZombieMilliseconds = 3000; // on a busy machine, a while passes before it is its turn to wait for them

        long? zombies = null;
        bool leavesZombies = false;
        Ground.Until(() =>
        {
            bool now = Ground.HasOnlyZombies(controller.Id);
            zombies = now ? zombies ?? Environment.TickCount64 : null;
            leavesZombies = Environment.TickCount64 - zombies > ZombieMilliseconds;
            return controller.HasExited || leavesZombies;
        });
        int[] strays = [.. Ground.Strays];
        came = leavesZombies ? "both children have ended, and it does not wait for them: they are zombies"
            : !controller.HasExited ? "it still ran when the time was over"
            : strays.Length > 0 ? "it ended while a child of it still ran"
            : "";
        if (controller.HasExited)
            controller.Ends();
        return came.Length == 0;
    }

    protected void CheckChildren()
    {
        string controller = Theirs(Role), folder = Path.GetDirectoryName(controller)!;
        Notes.AddRange(
            from path in Wrappers.PathsIn(controller)
            where !File.Exists(Path.Combine(folder, path)) && !File.Exists(Path.Combine(Ground.Plan.Work, path))
            select $"./{path} stands in it, but there is no such file");
        string[] Started(string child) => [.. Wrappers.Starts(child).Select(_ => child)];
        Unmet.IfDifferent("the children that are started", [First, Second], [.. Started(First), .. Started(Second)]);
        foreach (string path in ((string[])[First, Second]).Select(Wrappers.UnknownPath).OfType<string>())
            KnownFaults.Add($"it starts {path}, but no program of the submission is called so");
    }
}

/// <summary>shmcon with the suite's reader and writer.</summary>
internal sealed class ControllerScene(Ground ground) : ControllerSceneBase(ground, Roles.Shmcon)
{
    private const int SegmentSize = 4100;

    protected override void Play(string lingers)
    {
        string path = Path.Combine(Ground.Plan.Temp, $"myshm{RandomNumberGenerator.GetInt32(1000, 9999)}"), file = Theirs(Role);
        PutChildren(file, lingers);
        Actor controller = Ground.Start(file, path);
        UntilChildrenWait(controller);
        SegmentInfo[] made = [.. Ground.Segments];
        SegmentInfo? segment = made.FirstOrDefault(info => info.Creator == controller.Id) ?? made.FirstOrDefault();
        Wrappers.Go();

        controller.Type(string.Concat(Check.Lines.Select(line => line + "\n")));
        controller.CloseInput();
        bool waits = WaitsForAll(controller, out string waited);
        Transcript transcript = new(controller.Output);
        Note(Role, controller);

        if (Expects("segment"))
        {
            Unmet.Unless(segment is not null, "the segment", $"one of {SegmentSize} bytes while the children run", "none");
            Unmet.Unless(segment!.Size == SegmentSize, "the segment's size", $"{SegmentSize} bytes", $"{segment.Size} bytes");
            Unmet.Unless((segment.Mode & 0x1ff) == ShmData.MODE_0666, "the segment's mode", "666", Convert.ToString(segment.Mode & 0x1ff, 8));
        }

        if (Expects("opening"))
        {
            Unmet.Unless(segment is not null, "the segment", "one while the children run", "none");
            string key = $"{segment!.Key:x}";
            Unmet.IfDifferent(
                "the first lines of shmcon",
                [
                    Transcript.Show(LineKind.Size, $"{SegmentSize}"), Transcript.Show(LineKind.Key, key),
                    Transcript.Show(LineKind.Shmid, $"{segment.Shmid}"), Transcript.Show(LineKind.Attached),
                ],
                [
                    .. from line in transcript.Of(LineKind.Size, LineKind.Key, LineKind.Shmid, LineKind.Attached)
                       select Transcript.Show(line.Kind, line.Kind == LineKind.Key && transcript.Keys.Contains(segment.Key) ? key : line.Text),
                ]);
        }

        if (Expects("children"))
            CheckChildren();
        if (Expects("argument"))
        {
            Unmet.Unless(segment is not null, "the segment", "one while the children run", "none");
            foreach (string child in (string[])[First, Second])
            {
                string[] given = Wrappers.Starts(child).FirstOrDefault() ?? [];
                Unmet.Unless(
                    given is [var key, ..] && IsHexadecimal(key, segment!.Key), $"argv[1] of {child}",
                    $"the key in hexadecimal, {segment!.Key:x}", given.Length > 0 ? Unmet.Quote(given[0]) : HasStarted(child) ? "nothing" : "it was not started");
            }
        }

        if (Expects("waits"))
        {
            Unmet.Unless(waits, "the end of shmcon", "it waits for both children", waited);
            Unmet.Unless(HasStarted(First) && HasStarted(Second), "the end of shmcon", "it waits for both children", "it has not started both");
        }

        if (Expects("removes"))
        {
            Unmet.Unless(segment is not null, "the segment", "one while the children run", "none");
            SegmentInfo? left = Ground.Segments.FirstOrDefault(info => info.Shmid == segment!.Shmid);
            Unmet.Unless(left is null, "the segment after the end", "it is removed (IPC_RMID)", $"it is still there: key {left?.Key:x}, {left?.Size} bytes");
        }

        if (Expects("status"))
            EndsWell(Role, controller);
        if (Expects("closing"))
        {
            Unmet.IfDifferent(
                "the last line of shmcon", [Transcript.Show(LineKind.Removed)],
                [.. transcript.Of(LineKind.Removed).Select(line => Transcript.Show(line.Kind))]);
        }
    }

    private static bool IsHexadecimal(string text, int key) =>
        uint.TryParse(
            text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
            out uint number) && (int)number == key;
}

/// <summary>shmpthreadcon with the suite's producer and consumer.</summary>
internal sealed class ObjectControllerScene(Ground ground) : ControllerSceneBase(ground, Roles.Shmpthreadcon)
{
    private const int ObjectSize = 4100;

    protected override void Play(string lingers)
    {
        string name = $"myshm{RandomNumberGenerator.GetInt32(100000, 999999)}", file = Theirs(Role);
        PutChildren(file, lingers);
        Actor controller = Ground.Start(file, name);
        controller.CloseInput();
        UntilChildrenWait(controller);
        bool isThere = Syscall.lstat($"/dev/shm/{name}", out Stat made) == 0;
        string others = string.Join(", ", Ground.Objects.Where(other => other != name));
        Wrappers.Go();
        bool waits = WaitsForAll(controller, out string waited);
        Note(Role, controller);

        if (Expects("object"))
        {
            int mode = (int)made.st_mode & 0x1ff;
            Unmet.Unless(isThere, "the object", $"/dev/shm/{name} while the children run", others.Length > 0 ? $"/dev/shm/{others}" : "none");
            Unmet.Unless(made.st_size == ObjectSize, "the object's size", $"{ObjectSize} bytes", $"{made.st_size} bytes");
            Unmet.Unless((mode | ShmData.MODE_0666) == ShmData.MODE_0666 && (mode & 0b110_000_000) == 0b110_000_000, "the object's mode", "666, less the umask", Convert.ToString(mode, 8));
        }

        if (Expects("children"))
            CheckChildren();
        if (Expects("argument"))
        {
            foreach (string child in (string[])[First, Second])
            {
                string[] given = Wrappers.Starts(child).FirstOrDefault() ?? [];
                Unmet.Unless(
                    given is [var first, ..] && first.TrimStart('/') == name, $"argv[1] of {child}", $"the name, {name}",
                    given.Length > 0 ? Unmet.Quote(given[0]) : HasStarted(child) ? "nothing" : "it was not started");
            }
        }

        if (Expects("waits"))
        {
            Unmet.Unless(waits, "the end of shmpthreadcon", "it waits for both children", waited);
            Unmet.Unless(HasStarted(First) && HasStarted(Second), "the end of shmpthreadcon", "it waits for both children", "it has not started both");
        }

        if (Expects("unlinks"))
        {
            string[] left = [.. Ground.Objects];
            Unmet.Unless(left.Length == 0, "/dev/shm after the end", "nothing is left there", string.Join(", ", left));
            Unmet.Unless(isThere, "the object", $"/dev/shm/{name} while the children run", "none");
        }

        if (Expects("status"))
            EndsWell(Role, controller);
    }
}
