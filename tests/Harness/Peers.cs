using Algorithms.Tests.Harness;

[assembly: AssemblyFixture(typeof(Peers))]

namespace Algorithms.Tests.Harness;

/// <summary>
/// The programs of tests/peers: the same six roles in C, and reader and writer in perl. The C ones are compiled
/// once a run, when the first test asks for one, into a folder that goes at the end.
/// </summary>
internal sealed class Peers : IDisposable
{
    private static readonly string Sources = Path.Combine(AppContext.BaseDirectory, "peers");

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("alg8-peers-");
    private readonly SemaphoreSlim compiling = new(1);

    public Peers() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Dispose();

    /// <summary>A C peer's executable, compiled on first use.</summary>
    public static async Task<string> C(string name) =>
        await (await TestContext.Current.GetFixture<Peers>())!.CompileOnce(name);

    /// <summary>Compiles and links a C program; the compiler has nothing to say about it.</summary>
    public static async Task Compile(string source, string executable)
    {
        string[] arguments =
            ["-std=gnu17", "-O2", "-Wall", "-Wextra", "-DINTERVAL=10000", "-o", executable, source, "-lrt"];
        using RunningProgram compiler =
            new(Tool.Find("cc", "gcc", "clang"), arguments, Path.GetTempPath(), new Dictionary<string, string?>());
        (await compiler.Ends()).Printed("");
    }

    /// <summary>A perl peer: an executable script.</summary>
    public static string Perl(string name)
    {
        Tool.Find("perl");
        return Path.Combine(Sources, $"{name}.pl");
    }

    public static async Task<string> Reader(By by) => by switch
    {
        By.C => await C("shmread"),
        By.Perl => Perl("reader"),
        _ => Alg8.Shmread,
    };

    public static async Task<string> Writer(By by) => by switch
    {
        By.C => await C("shmwrite"),
        By.Perl => Perl("writer"),
        _ => Alg8.Shmwrite,
    };

    public static async Task<string> Producer(By by) => by == By.C ? await C("shmproducer") : Alg8.Shmproducer;

    public static async Task<string> Consumer(By by) => by == By.C ? await C("shmconsumer") : Alg8.Shmconsumer;

    private async Task<string> CompileOnce(string name)
    {
        string executable = Path.Combine(folder.FullName, name);
        await compiling.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (!File.Exists(executable))
            {
                await Compile(Path.Combine(Sources, $"{name}.c"), executable);
            }
        }
        finally
        {
            compiling.Release();
        }

        return executable;
    }

    public void Dispose()
    {
        folder.Refresh();
        if (folder.Exists)
        {
            folder.Delete(recursive: true);
        }

        compiling.Dispose();
    }
}

/// <summary>Whose program plays a role.</summary>
public enum By
{
    /// <summary>The suite's own.</summary>
    CSharp,

    /// <summary>A C peer's.</summary>
    C,

    /// <summary>A perl peer's.</summary>
    Perl,
}
