using System.Globalization;
using Algorithms.Options;
using Mono.Unix.Native;

namespace Algorithms.Tests.Harness;

/// <summary>A running process, whatever its parent is by now, as /proc has it.</summary>
internal sealed record LiveProcess(string Id, string CommandLine)
{
    /// <summary>The processes that have inherited this variable from the test that set it.</summary>
    public static IEnumerable<LiveProcess> With(string variable, string value) =>
        from folder in Directory.EnumerateDirectories("/proc")
        let id = Path.GetFileName(folder)
        where char.IsAsciiDigit(id[0]) && Read(id, "environ").Split('\0').Contains($"{variable}={value}")
        select new LiveProcess(id, Read(id, "cmdline").Replace('\0', ' '));

    /// <summary>How many processes have this among their arguments.</summary>
    public static int CountWithArgument(string argument) =>
        Directory.EnumerateDirectories("/proc").Count(
            folder => Read(Path.GetFileName(folder), "cmdline").Split('\0').Contains(argument));

    /// <summary>
    /// Whether a process runs: one that has ended has no environment, whether its parent knows or not.
    /// </summary>
    public static bool Runs(string id) => Read(id, "environ").Length > 0;

    /// <summary>Whether a process has this file mapped.</summary>
    public static bool HasMapped(int id, string path) => Read($"{id}", "maps").Contains(path);

    public void Send(Signum signal) => Syscall.kill(int.Parse(Id, CultureInfo.InvariantCulture), signal);

    private static string Read(string id, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/{file}");
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
