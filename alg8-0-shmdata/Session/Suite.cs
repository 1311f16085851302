using Algorithms.Linux;

namespace Algorithms.Session;

/// <summary>The programs of the suite: where they are, and how a person calls them.</summary>
public static class Suite
{
    private const string Tools = "alg8-tools", Header = "alg8-tools header";

    /// <summary>
    /// Another executable of the suite: the one beside this one, wherever this one was started from. dotnet run and an IDE
    /// start a program in its project's own output, artifacts/bin/PROJECT/CONFIGURATION: there, the other project's.
    /// </summary>
    public static string Sibling(string name)
    {
        string folder = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory), project = Path.GetDirectoryName(folder) ?? "";
        string beside = Path.Combine(folder, name);
        string sameBuild = Path.Combine(Path.GetDirectoryName(project) ?? "", name, Path.GetFileName(folder), name);
        bool isOutput = Path.GetFileName(project) == AppDomain.CurrentDomain.FriendlyName;
        return isOutput && !File.Exists(beside) && File.Exists(sameBuild) ? sameBuild : beside;
    }

    /// <summary>
    /// How a program of the suite is called, by somebody who has called this one: by run.sh, or by its own name. It may be
    /// copied into a shell.
    /// </summary>
    /// <param name="program">Its own name: <c>alg8-5-shmproducer</c>, <c>alg8-tools watch</c>.</param>
    /// <param name="arguments">Its arguments; the first may begin with a dash, and is none of its options all the same.</param>
    public static string Call(string program, params string[] arguments)
    {
        const int Numbered = 3; // alg8-5-shmproducer

        string call = Environment.GetEnvironmentVariable("ALG8_RUN_SH") is not { Length: > 0 } runSh ? program
            : program == Header ? $"{Shell.Quote(runSh)} 8-0"
            : program.StartsWith(Tools, StringComparison.Ordinal) ? Shell.Quote(runSh) + program[Tools.Length..]
            : $"{Shell.Quote(runSh)} {program.AsSpan(Numbered, Numbered)}";
        return arguments is [] ? call : $"{call} {(arguments[0].StartsWith('-') ? "-- " : "")}{Shell.Command(arguments)}";
    }
}
