using System.Diagnostics;
using System.Text.RegularExpressions;
using Algorithms.Linux;
using Algorithms.Session;
using Mono.Unix.Native;
using static Algorithms.Calls;
using static Algorithms.LibC;

namespace Algorithms;

/// <summary>What stress does over and over: whole sessions, kills, and arguments of every kind.</summary>
/// <param name="seed">Where all random choices of this trial come from.</param>
/// <param name="folder">A folder of the trial's own.</param>
/// <param name="patience">How long the others may take to see a death, and to end.</param>
internal sealed partial class StressTrials(int seed, string folder, TimeSpan patience)
{
    private static readonly TimeSpan _session = TimeSpan.FromSeconds(30);

    private readonly Random _random = new(seed);

    /// <summary>The beginning of the names of all that stress makes.</summary>
    public static string Prefix { get; } = $"alg8-stress-{Environment.ProcessId}-";

    /// <summary>A whole session of 8-1, its transcript compared.</summary>
    /// <returns>What was wrong; null if nothing was.</returns>
    public string? SegmentSession()
    {
        string path = Path.Combine(folder, $"path-{seed}");
        string? wrong = SegmentSession(path);
        string? leak = Leak(path);
        File.Delete(path);
        return wrong ?? leak;
    }

    /// <summary>A whole run of 8-4, its output compared.</summary>
    /// <returns>What was wrong; null if nothing was.</returns>
    public string? ObjectSession()
    {
        string name = $"{Prefix}{seed}";
        return ObjectSession(name, Pick("message", "items", "stream"), textSize: _random.Next(1, 100)) ?? LeakOf(name);
    }

    /// <summary>Kill a random process of a session at a random moment; then run the next session in the same place.</summary>
    /// <returns>What was wrong, null if nothing was; and how long it took until all had ended.</returns>
    public (string? Wrong, TimeSpan Took) Kill()
    {
        string kind = Pick("segment", "message", "items", "stream");
        bool isSegment = kind == "segment";
        string path = Path.Combine(folder, $"path-{seed}"), name = $"{Prefix}{seed}";
        string[] command = isSegment
            ? ["alg8-1-shmcon", path, "--wait", Pick("sleep", "spin", "futex")]
            : ["alg8-4-shmpthreadcon", name, .. kind switch { "items" => ["--items=999999999999", "--quiet"], "stream" => ["--stream"], _ => Array.Empty<string>() }];

        using StressRun run = new(command[0], folder, command[1..]);
        Thread.Sleep(_random.Next(80));
        int[] children = [.. run.ChildIds];
        int[] victims = _random.Next(4) switch
        {
            0 => [run.Id],
            1 => [run.Id, .. children],
            _ => [children.Length == 0 ? run.Id : children[_random.Next(children.Length)]],
        };
        foreach (int victim in victims)
            _ = Syscall.kill(victim, Signum.SIGKILL);

        string what = $"{run.CommandLine}: after a kill of {string.Join(", ", victims.Select(pid => pid == run.Id ? "the controller" : $"child {pid}"))}";
        Stopwatch watch = Stopwatch.StartNew();
        bool ended = run.Ends(_session);
        TimeSpan took = watch.Elapsed;
        if (took > patience)
            return ($"{what}, {(ended ? "all had ended" : "some process still runs")} after {took.TotalSeconds:f1} s", took);
        if (run.Status == 0 && kind != "message") // which may have been over already
            return ($"{what}, exit status 0", took);

        string? next = isSegment ? SegmentSession(path) ?? Leak(path) : ObjectSession(name, kind, ShmData.TEXT_SIZE) ?? LeakOf(name);
        File.Delete(path);
        return (next is null ? null : $"{what}, the next run: {next}", took);
    }

    /// <summary>Run a program with random arguments: it may refuse them, or run, but never crash.</summary>
    /// <returns>What was wrong; null if nothing was.</returns>
    public string? Arguments()
    {
        string[] command = new StressArguments(_random, $"{Prefix}{seed}").Next();
        using StressRun run = new(command[0], folder, command[1..]);
        run.Input("");
        if (!run.Ends(TimeSpan.FromSeconds(0.1))) // it waits for somebody, or has much to do
            run.Send(Signum.SIGTERM);
        if (!run.Ends(_session))
            return $"{run.CommandLine}: does not end at SIGTERM";

        RemoveByHand(run);
        bool isClear = run.Status is 0 or 128 + (int)Signum.SIGTERM || (run.Status == 1 && (run.Error.Length > 0 || run.Output.Contains("lost")));
        return !isClear || run.Error.Contains("Unhandled") || run.Error.Contains("   at ")
            ? $"{run.CommandLine}: exit status {run.Status}\n{run.Error}"
            : null;
    }

    private string? SegmentSession(string path)
    {
        List<string> texts = [];
        for (int count = _random.Next(4); count > 0; count--)
            texts.Add(RandomText() + "\n");

        using StressRun run = new("alg8-1-shmcon", folder, path, "--wait", Pick("futex", "spin", "sleep"), "--interval", "1");
        run.Input(string.Concat(texts));
        if (!run.Ends(_session))
            return $"{run.CommandLine}: does not end";

        string expected = SegmentTranscript(run.Output, [.. texts, "end\n"]);
        return run.Status == 0 && run.Output == expected
            ? null
            : $"{run.CommandLine}: exit status {run.Status}\n{run.Error}{run.Output}\nbut not\n{expected}";
    }

    private string? ObjectSession(string name, string kind, int textSize)
    {
        string data = RandomText() + RandomText();
        string[] args = kind switch
        {
            "items" => [name, "--items", "1000", "--quiet"],
            "stream" => [name, "--stream", "--text-size", $"{textSize}"],
            _ => [name],
        };
        using StressRun run = new("alg8-4-shmpthreadcon", folder, args);
        run.Input(data);
        if (!run.Ends(_session))
            return $"{run.CommandLine}: does not end";

        bool isRight = kind switch
        {
            "items" => run.Output.Contains("items 1000, ") && run.Output.Contains(", checksum 500500, lost 0, out of order 0\n"),
            "stream" => run.Output == data,
            _ => run.Output.Contains("\nproduced message: Hello World!\nconsumed message: Hello World!\ntotal "),
        };
        return run.Status == 0 && isRight ? null : $"{run.CommandLine}: exit status {run.Status}\n{run.Error}{run.Output}";
    }

    // The slide's, with the key, the id and the addresses of this run.
    private static string SegmentTranscript(string output, IEnumerable<string> texts)
    {
        string indent = new(' ', 30);
        string key = Key().Match(output).Groups[1].Value, shmid = Shmid().Match(output).Groups[1].Value;
        string[] addresses = [.. Address().Matches(output).Select(match => match.Groups[1].Value), "", "", ""];
        string[] rows = [.. output.Split('\n').Where(line => line.StartsWith($"0x{key.PadLeft(8, '0')} {shmid} ", StringComparison.Ordinal)), "", ""];
        const string Table = "\n----- Shared Memory Segments ----- \n";
        return (output.Contains("created\n") ? "max record number = 1, shm size = 4100\nshared file object created\n" : "max record number = 1, shm size = 4100\n")
            + $"key generated: IPC key = {key}\nshmcon: shmid = {shmid}\nshmcon: shared Memory attached at {addresses[0]}\n"
            + $"{Table}{rows[0]}\n{Table}{rows[1]}\n"
            + $"{indent}shmread: IPC key = {key}\n{indent}shmread: shmid = {shmid}\n"
            + $"{indent}shmread: shared memory attached at {addresses[1]}\n{indent}shmread process ready ...\n"
            + $"shmwrite: IPC key = {key}\nshmwrite: shmid = {shmid}\n"
            + $"shmwrite: shared memory attached at {addresses[2]}\nshmwrite precess ready ...\n"
            + string.Concat(texts.Select(text => $"Enter some text: shared buffer: {text}\n{indent}You wrote: {text}\n"))
            + $"shmcon: shmid = {shmid} removed \n{Table}nothing found ... \n";
    }

    private static string? Leak(string path) =>
        File.Exists(path) && SegmentInfo.WithKey(ftok(path, ShmData.PROJ_ID)) is { } segment ? $"left behind: {Hints.Describe(segment)}" : null;

    private static string? LeakOf(string name) => ObjectInfo.Named(name) is { } left ? $"left behind: {Hints.Describe(left)}" : null;

    // What a reader or a writer makes that is started by hand stays, by the slide's rule: it is no leak.
    private static void RemoveByHand(StressRun run)
    {
        if (!run.CommandLine.StartsWith("alg8-2", StringComparison.Ordinal) && !run.CommandLine.StartsWith("alg8-3", StringComparison.Ordinal))
            return;
        foreach (SegmentInfo segment in SegmentInfo.List().Where(segment => segment.Creator == run.Id))
            _ = shmctl(segment.Shmid, IPC_RMID, 0);
    }

    // Bytes of all kinds but newline and NUL; and no text that begins with `end`.
    private string RandomText() => "x" + string.Concat(Enumerable.Range(0, _random.Next(300)).Select(_ => (char)_random.Next(1, 256))).Replace('\n', ' ');

    private string Pick(params string[] values) => values[_random.Next(values.Length)];

    [GeneratedRegex("IPC key = ([0-9a-f]+)\n")]
    private static partial Regex Key();

    [GeneratedRegex("shmcon: shmid = ([0-9]+)\n")]
    private static partial Regex Shmid();

    [GeneratedRegex("[mM]emory attached at (0x[0-9a-f]+000)\n")]
    private static partial Regex Address();
}
