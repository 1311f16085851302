using Algorithms.Linux;

namespace Algorithms;

/// <summary>
/// Command lines as nobody would type them. What they make lies in the folder of the trial, or has a name of stress's own
/// or one of the odd values here; the sizes that they ask for are small, or such as no machine has.
/// </summary>
/// <param name="random">Where the choices come from.</param>
/// <param name="name">A name for an object that nobody else has.</param>
internal sealed class StressArguments(Random random, string name)
{
    private static readonly string[] _programs =
        ["alg8-1-shmcon", "alg8-2-shmread", "alg8-3-shmwrite", "alg8-4-shmpthreadcon", "alg8-5-shmproducer", "alg8-6-shmconsumer"];

    private static readonly string[] _options =
    [
        "--wait", "--interval", "--proj-id", "--mode", "--reader", "--writer", "--producer", "--consumer", "--race", "--timeout",
        "--items", "--stream", "--buffer-size", "--text-size", "--quiet", "--stats", "--delay", "--reader-delay", "--writer-delay",
        "--help", "--version", "-h", "-?", "--", "-", "--wat", "--wait=", "--=", "-x", "@file", "[diagram]", "[suggest]", "/h", "/?",
    ];

    /// <summary>Values for every kind of argument.</summary>
    public static IReadOnlyList<string> Values { get; } =
    [
        "", " ", ".", "..", "/", "//", "/.", "a/b", "\t", "\n", "\u0001", "%s%n", "$(id)", "内存", "\u202e", "é", "😀", "\ud800",
        "0", "1", "2", "3", "10", "-1", "+1", "0x", "0x0", "0x27", "0X27", "00000000", "123456789", "zz", "1e3", "1.5", "٣", "NaN",
        "255", "256", "4096", "65535", "65536", "2147483647", "2147483648", "-2147483648", "9223372036854775807", "99999999999999999999",
        "0600", "0666", "0777", "666", "888", "sleep", "spin", "futex", "SPIN", "/nowhere/at/all", "/bin/true", "/bin/false", "/etc/passwd", "/dev/null",
        "end", "true", "false",
    ];

    /// <summary>The next one: the program's name, and its arguments.</summary>
    public string[] Next()
    {
        string program = _programs[random.Next(_programs.Length)];
        List<string> args = [];
        for (int count = random.Next(6); count > 0; count--)
            args.Add(Any(program));
        return [program, .. args.Where(arg => !IsSomebodys(arg) && !(program == "alg8-1-shmcon" && IsOutside(arg)))];
    }

    // The name of an object that somebody has.
    private static bool IsSomebodys(string arg) => ObjectInfo.Named(arg) is { IsRegular: true };

    // A file that 8-1 would make outside the trial's folder.
    private static bool IsOutside(string arg) =>
        arg.StartsWith('/') && !Path.Exists(arg) && Directory.Exists(Path.GetDirectoryName(arg));

    private string Any(string program) => random.Next(8) switch
    {
        0 or 1 => _options[random.Next(_options.Length)],
        2 => $"{_options[random.Next(_options.Length)]}={Values[random.Next(Values.Count)]}",
        3 or 4 => Values[random.Next(Values.Count)],
        5 when program is "alg8-2-shmread" or "alg8-3-shmwrite" => Key(),
        5 => name + (random.Next(2) == 0 ? "" : RandomText(40)),
        6 => name + new string('x', random.Next(300)),
        _ => RandomText(random.Next(20) == 0 ? 5000 : 10),
    };

    private string Key()
    {
        int key = random.Next(int.MinValue, int.MaxValue);
        string text = random.Next(3) switch { 0 => $"0x{key:x}", 1 => $"{key:X8}", _ => $"{key}" };
        return random.Next(4) != 0 || SegmentInfo.WithKey(key) is not null ? $"{text}{Values[random.Next(Values.Count)]}" : text;
    }

    // Without a slash: a path leads out of the trial's folder, and a name for /dev/shm has none.
    private string RandomText(int most) =>
        "~" + string.Concat(Enumerable.Range(0, random.Next(most)).Select(_ => (char)random.Next(1, random.Next(2) == 0 ? 128 : 0x10000))).Replace('/', '.');
}
