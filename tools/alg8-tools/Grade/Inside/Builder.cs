using System.Text.RegularExpressions;
using Algorithms.Linux;
using Mono.Unix.Native;

namespace Algorithms;

/// <summary>Finds a submission's programs and builds them: with its Makefile, the slides' gcc lines, or dotnet build.</summary>
internal sealed partial class Builder(Ground ground, Rubric rubric)
{
    private const int MostErrorLines = 14;

    // Where all projects' executables lie side by side. It must not have the projects in it: they would have no sources then.
    private const string BuiltFolder = "built";

    private readonly string _work = ground.Plan.Work;
    private readonly List<string> _notes = [];
    private string _makeErrors = "";

    public BuildReport Build()
    {
        Names.MakeUtf8(_work);
        ConvertSources();
        string[] sources = Sources();
        Make();
        List<BuiltProgram> programs = [.. rubric.Programs.Select(Build)];
        if (programs.TrueForAll(program => program.Source is null))
            _notes.Add($"no program was found: its files should be called {string.Join(", ", rubric.Programs.Take(3).Select(program => program.Names[0] + ".c"))} ...");
        else
            NoteUnused(sources, programs);
        return new BuildReport { Programs = programs, Notes = _notes };
    }

    /// <summary>Whether a file can be executed: a program or a script, not an object file for the linker.</summary>
    public static bool IsExecutable(string path)
    {
        const int Header = 18;
        const byte ET_EXEC = 2, ET_DYN = 3;

        ReadOnlySpan<byte> head = TheirFile.Read(path, Header);
        return (head.Length == Header && head.StartsWith("\u007fELF"u8) && head[16] is ET_EXEC or ET_DYN
                && !Path.GetFileName(path).Contains(".so", StringComparison.Ordinal))
            || (head.Length > 3 && head.StartsWith("#!/"u8));
    }

    private BuiltProgram Build(RubricProgram program)
    {
        BuiltProgram built = new() { Role = program.Role };
        if (Best(program.Role, ".c") is { } source)
            return _hasMade && Made(program.Role) is { } made ? built with { Source = Relative(source), Executable = Relative(made), Command = MakeCommand } : Compile(built, source);
        if (Best(program.Role, ".csproj") is { } project)
            return BuildProject(built, project);
        if (Made(program.Role) is { } executable)
        {
            Allow(executable);
            return built with { Source = Relative(executable), Executable = Relative(executable) };
        }

        return built;
    }

    // ---- finding

    private IEnumerable<string> Files() =>
        from path in Directory.EnumerateFiles(_work, "*", new EnumerationOptions
        {
            RecurseSubdirectories = true,
            MaxRecursionDepth = 12,
            IgnoreInaccessible = true,
            AttributesToSkip = FileAttributes.Hidden | FileAttributes.ReparsePoint, // .git, a Mac's ._files; links
        })
        where TheirFile.Exists(path) && !path.Contains("/__MACOSX/", StringComparison.Ordinal) && !path.Contains("/obj/", StringComparison.Ordinal)
        select path;

    // The file that this program most likely is; of equals, the one that lies highest.
    private string? Best(string role, string ending)
    {
        string[] found = [.. Candidates(role, ending)];
        if (found.Length > 1)
            _notes.Add($"several files could be {role}: {string.Join(", ", found.Select(Relative))}; the first was taken");
        return found.FirstOrDefault();
    }

    private IEnumerable<string> Candidates(string role, string ending) =>
        from path in Files()
        where Path.GetExtension(path).Equals(ending, StringComparison.OrdinalIgnoreCase)
        let name = Names.RoleOf(Path.ChangeExtension(Relative(path), null), rubric.Programs)
        where name.Role == role
        orderby name.Fit descending, path.Count(c => c == '/'), path
        select path;

    // The C sources as they were handed in, without those that a Makefile or an #include names: they are parts of others.
    private string[] Sources()
    {
        string[] texts = [.. Files().Where(path => IsMakefile(path) || Path.GetExtension(path).ToLowerInvariant() is ".c" or ".h")];
        string[] named =
        [
            .. from path in texts
               where TheirFile.Size(path) < TheirFile.MostSource
               from line in Charset.Decode(TheirFile.Read(path, TheirFile.MostSource)).Split('\n')
               where IsMakefile(path) || line.Contains("#include", StringComparison.Ordinal)
               select line,
        ];
        return
        [
            .. from path in texts.Order(StringComparer.Ordinal)
               where Path.GetExtension(path) is ".c" or ".C"
               where !Array.Exists(named, line => line.Contains(Path.GetFileName(path), StringComparison.Ordinal))
               select Relative(path),
        ];
    }

    // A part that is called otherwise than expected would be missing without a word.
    private void NoteUnused(string[] sources, List<BuiltProgram> programs)
    {
        string[] unused = [.. sources.Where(source => !programs.Exists(program => program.Source == source))];
        string[] queue = rubric.QueueNames(programs);
        if (unused.Length > 0)
        {
            _notes.Add($"used for no program: {string.Join(", ", unused)}"
                + (queue.Length > 0 ? $"; the circular queue's files should be called {string.Join(", ", queue)}" : ""));
        }
    }

    private string? Made(string role) => AllMade(role).FirstOrDefault();

    private IEnumerable<string> AllMade(string role) =>
        from path in Files()
        let ending = Path.GetExtension(path)
        where ending is not (".c" or ".h" or ".csproj" or ".cs" or ".dll" or ".sh" or ".txt" or ".md") && IsExecutable(path)
        let stem = ending is ".o" or ".out" or ".exe" ? Path.ChangeExtension(Relative(path), null) : Relative(path)
        let name = Names.RoleOf(stem, rubric.Programs)
        where name.Role == role
        orderby name.Fit descending, path.Count(c => c == '/'), path
        select path;

    // ---- make

    private string? _makefile;
    private bool _hasMade; // so that what there is was made from what was handed in

    private string MakeCommand => _makefile is { } file && Path.GetDirectoryName(Relative(file)) is { Length: > 0 } folder ? $"make -C {ByHand.Word(folder)}" : "make";

    private static bool IsMakefile(string path) => Path.GetFileName(path) is "Makefile" or "makefile" or "GNUmakefile";

    private void Make()
    {
        _makefile = Files()
            .Where(IsMakefile)
            .OrderBy(path => path.Count(c => c == '/'))
            .FirstOrDefault();
        if (_makefile is null)
            return;

        if (Programs.Find("make") is not { } make)
        {
            _notes.Add("there is a Makefile, but no make here: its sources were compiled one by one");
            return;
        }

        // What lies beside its source is not what that makes now, and make would find it up to date.
        IEnumerable<string> stale = Files().Where(path => path.EndsWith(".o", StringComparison.Ordinal) || Path.GetFileName(path) == "a.out")
            .Concat(rubric.Programs.Where(program => Candidates(program.Role, ".c").Any()).SelectMany(program => AllMade(program.Role)));
        foreach (string path in stale.ToArray())
            File.Delete(path);
        _hasMade = true;
        (int status, byte[] output) = ground.Run(ground.Plan.Limits.BuildSeconds, make, "-k", "-C", Path.GetDirectoryName(_makefile)!);
        if (status != 0)
            _makeErrors = status < 0 ? $"make did not end within {ground.Plan.Limits.BuildSeconds} s" : Shorten(output);
        if (_makeErrors.Length > 0)
            _notes.Add($"make failed:\n{_makeErrors}");
    }

    // ---- gcc

    private BuiltProgram Compile(BuiltProgram built, string source)
    {
        string output = $"{Path.GetFileNameWithoutExtension(source)}.o";
        string folder = Path.GetDirectoryName(source)!;
        string place = Roles.SetOf(built.Role)[0] == Roles.QueueCon ? folder : _work; // its names may be those of the first part
        string made = Path.Combine(place, output);
        string[] words =
        [
            // By the ending .C, gcc would take it for C++.
            .. rubric.Compile.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .SelectMany(word => (string[])(word == "{source}" && source.EndsWith(".C", StringComparison.Ordinal) ? ["-x", "c", word] : [word])),
        ];
        string[] headers =
        [
            .. Files().Where(path => path.EndsWith(".h", StringComparison.OrdinalIgnoreCase))
                .Select(path => Path.GetDirectoryName(path)!).Distinct().Where(other => other != folder),
        ];
        string[] shown =
        [
            .. words.Select(word => word.Replace("{output}", ByHand.Word(Relative(made))).Replace("{source}", ByHand.Word(Relative(source)))),
            .. headers.Select(header => $"-I{ByHand.Word(Relative(header))}"),
        ];
        string[] given =
        [
            .. words.Skip(1).Select(word => word.Replace("{output}", made).Replace("{source}", source)),
            .. headers.Select(header => $"-I{header}"),
        ];
        built = built with { Source = Relative(source), Command = string.Join(' ', shown) };
        if ((Programs.Find(words[0]) ?? Programs.Find("cc") ?? Programs.Find("clang")) is not { } compiler)
            return built with { Errors = $"no {words[0]} here to compile it" };

        File.Delete(made);
        (int status, byte[] messages) = ground.Run(ground.Plan.Limits.BuildSeconds, compiler, given);
        return File.Exists(made) && status == 0
            ? built with { Executable = Relative(made) }
            : built with { Errors = status < 0 ? $"the compiler did not end within {ground.Plan.Limits.BuildSeconds} s" : Shorten(messages) };
    }

    // ---- dotnet

    private BuiltProgram BuildProject(BuiltProgram built, string project)
    {
        string name = AssemblyName().Match(Charset.Decode(TheirFile.Read(project, TheirFile.MostSource))) is { Success: true } given
            ? given.Groups[1].Value
            : Path.GetFileNameWithoutExtension(project);
        built = built with { Source = Relative(project), Command = $"dotnet build {ByHand.Word(Relative(project))} -c Release -o {BuiltFolder}" };
        if (Programs.FindDotnet() is not { } dotnet)
            return built with { Errors = "no dotnet here to build it" };

        foreach (string stale in (string[])["obj", "bin"])
        {
            string path = Path.Combine(Path.GetDirectoryName(project)!, stale);
            if (Directory.Exists(path))
                _ = ground.Run(10, "rm", "-rf", "--", path);
        }

        List<string> options =
        [
            "build", project, "-c", "Release", "-o", Path.Combine(_work, BuiltFolder), "-v", "quiet", "-nologo", "-m:1", "-p:PublishAot=false", "-p:UseSharedCompilation=false",
            "-p:NuGetAudit=false", "-p:RestorePackagesPath=" + Path.Combine(ground.Plan.Temp, "packages"),
        ];
        if (ground.Plan.Packages is { } packages)
            options.Add($"-p:RestoreFallbackFolders={packages}");
        (int status, byte[] messages) = ground.Run(ground.Plan.Limits.BuildSeconds, dotnet, options);
        string executable = Path.Combine(_work, BuiltFolder, name);
        return status == 0 && File.Exists(executable)
            ? built with { Executable = Relative(executable) }
            : built with
            {
                Errors = status < 0 ? $"dotnet build did not end within {ground.Plan.Limits.BuildSeconds} s"
                    : status == 0 ? $"dotnet build made no executable {name}" : Shorten(messages),
            };
    }

    // ---- sources and messages

    private void ConvertSources()
    {
        foreach (string path in Files().ToArray())
        {
            bool isCode = Path.GetExtension(path).ToLowerInvariant() is ".c" or ".h" or ".cs";
            if (isCode && TheirFile.Size(path) < TheirFile.MostSource && Charset.ToUtf8(TheirFile.Read(path, TheirFile.MostSource)) is { } converted)
                TheirFile.Write(path, converted, (FilePermissions)0b110_100_100);
        }
    }

    private static void Allow(string executable)
    {
        UnixFileMode mode = File.GetUnixFileMode(executable);
        File.SetUnixFileMode(executable, mode | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
    }

    private string Shorten(byte[] messages)
    {
        string[] lines =
        [
            .. from line in Charset.Decode(messages).Replace(_work + "/", "").Split('\n', StringSplitOptions.RemoveEmptyEntries)
               let plain = InProject().Replace(line, "").TrimEnd()
               where !IsSummary().IsMatch(plain)
               select plain,
        ];
        string[] told = [.. lines.SkipWhile(line => !IsError().IsMatch(line)).Distinct()];
        told = told.Length > 0 ? told : lines;
        return string.Join('\n', told.Take(MostErrorLines)) + (told.Length > MostErrorLines ? $"\n... {told.Length - MostErrorLines} lines more" : "");
    }

    private string Relative(string path) => Path.GetRelativePath(_work, path);

    [GeneratedRegex("<AssemblyName>([^<$]+)</AssemblyName>")]
    private static partial Regex AssemblyName();

    [GeneratedRegex(@"^make\b|^\s*\d+ (Warning|Error)\(s\)|^Time Elapsed")]
    private static partial Regex IsSummary();

    [GeneratedRegex("error|undefined reference", RegexOptions.IgnoreCase)]
    private static partial Regex IsError();

    [GeneratedRegex(@"\s*\[[^\]]*proj(::[^\]]*)?\]$")]
    private static partial Regex InProject();
}
