using System.Text;
using System.Text.RegularExpressions;
using Mono.Unix.Native;

namespace Algorithms;

/// <summary>
/// Scripts in the place of a controller's children. Each writes down what it was given, and becomes the program that it
/// stands for, its output kept apart.
/// </summary>
internal sealed partial class Wrappers(Ground ground)
{
    // A session of the suite's own need not last as long as the slide's.
    private const string Quick = " --interval 20";

    // Scripts write these down, and so may anything else of the submission's.
    private const int MostStarts = 64, MostArguments = 128 * 1024;

    private readonly string _temp = ground.Plan.Temp;
    private readonly Dictionary<string, HashSet<string>> _known = [];

    /// <summary>Put one of the suite's programs in the place of a child.</summary>
    /// <param name="role">The child.</param>
    /// <param name="controller">The controller that starts it, of the submission.</param>
    /// <param name="text">What a producer produces.</param>
    /// <param name="lingers">Whether it stays for a while when all is done.</param>
    /// <param name="waits">Whether it begins only when <see cref="Go"/> says so.</param>
    public void PutOurs(string role, string controller, string? text = null, bool lingers = false, bool waits = false)
    {
        string body = Ours(role, text, lingers, waits);
        HashSet<string> places = Places(role, controller);
        _known.TryAdd(role, [.. Files(role), .. places.Where(Builder.IsExecutable).Select(path => Path.GetFileName(path))]);
        foreach (string path in places)
            Ground.Script(path, body);
    }

    /// <summary>See to it that a controller of the submission finds its own child under each name that it may use.</summary>
    public void PutTheirs(string role, string controller, string executable)
    {
        foreach (string path in Places(role, controller).Where(path => path != executable && !Builder.IsExecutable(path)))
            Ground.Script(path, $"exec {Quote(executable)} \"$@\"");
    }

    /// <summary>A script for a controller of the suite: its child is a program of the submission.</summary>
    public string ScriptOfTheirs(string role, string executable) =>
        Write(role, $"{Record(role)}\nexec {Quote(executable)} \"$@\" >{Quote(OutputPath(role))} 2>{Quote(ErrorPath(role))}");

    /// <summary>A script for a controller of the suite: its child is the suite's own.</summary>
    public string ScriptOfOurs(string role, string? text = null) => Write(role, Ours(role, text, lingers: false, waits: false));

    /// <summary>Let those begin that wait for it.</summary>
    public void Go() => TheirFile.Write(Path.Combine(_temp, "go"), [], (FilePermissions)0b110_100_100);

    /// <summary>Forget what was written down.</summary>
    public void Reset()
    {
        foreach (string path in Directory.EnumerateFiles(_temp).Where(path => Kept().IsMatch(path)).ToArray())
            File.Delete(path);
    }

    /// <summary>The arguments of each start of a child, in no order.</summary>
    public string[][] Starts(string role) => [.. CommandLines(role).Select(argv => argv[1..])];

    /// <summary>The path by which a controller has started its child, where the submission holds no program of that name; null otherwise.</summary>
    public string? UnknownPath(string role) =>
        CommandLines(role).Select(argv => argv[0]).FirstOrDefault(path => !_known[role].Contains(Path.GetFileName(path)));

    private IEnumerable<string[]> CommandLines(string role) =>
        from path in Directory.EnumerateFiles(_temp, $"{role}.args.*").Take(MostStarts)
        let arguments = TheirFile.Read(path, MostArguments)
        where arguments.Length > 0
        select Charset.Decode(arguments).Split('\0')[..^1];

    /// <summary>What a child has printed, as far as the limit goes.</summary>
    public string Output(string role) => Read(OutputPath(role));

    /// <summary>The same for standard error.</summary>
    public string Error(string role) => Read(ErrorPath(role));

    private string Ours(string role, string? text, bool lingers, bool waits)
    {
        string program = Quote(Path.Combine(ground.Plan.Suite, Roles.Reference(role)));
        string options = role is Roles.Shmread or Roles.Shmwrite ? Quick : role == Roles.Shmproducer && text is not null ? $" {Quote(text)}" : "";
        string wait = waits ? $"while [ ! -e {Quote(Path.Combine(_temp, "go"))} ]; do sleep 0.02; done\n" : "";
        string run = $"{program} \"$@\"{options} >{Quote(OutputPath(role))} 2>{Quote(ErrorPath(role))}";
        return Record(role) + "\n" + wait + (lingers ? $"{run}\nstatus=$?\nsleep 1\nexit $status" : $"exec {run}");
    }

    // Complete when it has its name.
    private string Record(string role)
    {
        string path = Path.Combine(_temp, role);
        return $"printf '%s\\0' \"$0\" \"$@\" >{Quote(path)}.new.$$\nmv {Quote(path)}.new.$$ {Quote(path)}.args.$$";
    }

    private string Write(string role, string body)
    {
        string path = Path.Combine(_temp, $"{role}.sh");
        Ground.Script(path, body);
        return path;
    }

    // Where a controller may look for its child: below its names, where it is started and where it lies.
    private HashSet<string> Places(string role, string controller)
    {
        HashSet<string> places = [];
        foreach (string folder in (string[])[ground.Plan.Work, Path.GetDirectoryName(controller)!])
        {
            foreach (string name in Files(role).Concat(NamesIn(controller, role)))
                places.Add(Path.Combine(folder, name));
        }

        if (ground.Plan.Programs.FirstOrDefault(program => program.Role == role)?.Executable is { } own)
            places.Add(Path.Combine(ground.Plan.Work, own));
        places.RemoveWhere(place => place == controller || !place.StartsWith(ground.Plan.Work + "/", StringComparison.Ordinal) || !Directory.Exists(Path.GetDirectoryName(place)));
        return places;
    }

    // The names of a program's files: the rubric's, its own, and with the slides' ending.
    private IEnumerable<string> Files(string role)
    {
        List<string> stems = [.. ground.Plan.ChildNames.TryGetValue(role, out IReadOnlyList<string>? names) ? names : []];
        if (ground.Plan.Programs.FirstOrDefault(program => program.Role == role)?.Executable is { } own)
            stems.AddRange([Path.GetFileName(own), own.EndsWith(".o", StringComparison.Ordinal) ? Path.GetFileName(own)[..^2] : Path.GetFileName(own)]);
        return stems.SelectMany(stem => (string[])[stem, stem + ".o"]);
    }

    // "./reader" stands in the controller as it is: if it can only be this child, it is one of its names.
    private static IEnumerable<string> NamesIn(string controller, string role)
    {
        string part = role switch
        {
            Roles.Shmread or Roles.QueueRead => "read",
            Roles.Shmwrite or Roles.QueueWrite => "write",
            Roles.Shmproducer => "produce",
            _ => "consume",
        };
        return PathsIn(controller).Where(path =>
            Path.GetFileName(path).Contains(part, StringComparison.OrdinalIgnoreCase) && !path.EndsWith(".c", StringComparison.Ordinal));
    }

    /// <summary>The paths that stand in an executable as <c>./reader</c> or <c>./bin/reader</c>, less the first two characters, or as the name of a program beside it.</summary>
    public static IEnumerable<string> PathsIn(string executable)
    {
        const int Most = 16 << 20;

        if (TheirFile.Size(executable) is 0 or >= Most)
            return [];
        // "reader" alone may be anything, unless a program of that name lies beside it.
        string folder = Path.GetDirectoryName(executable)!;
        HashSet<string> beside = [.. Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path))];
        return from text in Encoding.Latin1.GetString(TheirFile.Read(executable, Most)).Split('\0')
               where (beside.Contains(text) && Builder.IsExecutable(Path.Combine(folder, text))) || (text.StartsWith("./", StringComparison.Ordinal) && IsPath().IsMatch(text) && !text.Contains("/../", StringComparison.Ordinal))
               select text.StartsWith("./", StringComparison.Ordinal) ? text[2..] : text;
    }

    private string OutputPath(string role) => Path.Combine(_temp, $"{role}.out");

    private string ErrorPath(string role) => Path.Combine(_temp, $"{role}.err");

    private string Read(string path)
    {
        byte[] bytes = TheirFile.Read(path, ground.Plan.Limits.OutputKilobytes * 1024);
        return TheirFile.Size(path) > bytes.Length ? Encoding.UTF8.GetString(bytes) : Charset.Decode(bytes);
    }

    private static string Quote(string text) => $"'{text.Replace("'", "'\\''")}'";

    [GeneratedRegex(@"\.(args\.\d+|out|err)$|/go$")]
    private static partial Regex Kept();

    [GeneratedRegex(@"^\./[A-Za-z0-9._-][A-Za-z0-9._/-]{0,120}$")]
    private static partial Regex IsPath();
}
