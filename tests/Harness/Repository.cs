namespace Algorithms.Tests.Harness;

/// <summary>Where the suite's files are, found from the folder of the tests themselves.</summary>
internal static class Repository
{
    /// <summary>The folder that holds Algorithms.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The folder of the executables: the repository's bin, or the one that ALG8_BIN names.</summary>
    public static string Bin { get; } =
        Environment.GetEnvironmentVariable("ALG8_BIN") is { Length: > 0 } bin ? bin : Path.Combine(Root, "bin");

    /// <summary>The script that builds and runs the programs.</summary>
    public static string RunSh { get; } = Path.Combine(Root, "run.sh");

    /// <summary>The same as a word of a command that is to be copied into a shell.</summary>
    public static string RunShQuoted { get; } = RunSh.Contains(' ', StringComparison.Ordinal) ? $"'{RunSh}'" : RunSh;

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Algorithms.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No Algorithms.sln above {AppContext.BaseDirectory}.");
    }
}

/// <summary>The programs under test, by their full path.</summary>
internal static class Alg8
{
    public static string Shmcon { get; } = Path.Combine(Repository.Bin, "alg8-1-shmcon");
    public static string Shmread { get; } = Path.Combine(Repository.Bin, "alg8-2-shmread");
    public static string Shmwrite { get; } = Path.Combine(Repository.Bin, "alg8-3-shmwrite");
    public static string Shmpthreadcon { get; } = Path.Combine(Repository.Bin, "alg8-4-shmpthreadcon");
    public static string Shmproducer { get; } = Path.Combine(Repository.Bin, "alg8-5-shmproducer");
    public static string Shmconsumer { get; } = Path.Combine(Repository.Bin, "alg8-6-shmconsumer");
    public static string Tools { get; } = Path.Combine(Repository.Bin, "alg8-tools");
}
