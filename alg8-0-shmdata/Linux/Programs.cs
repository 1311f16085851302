using System.Diagnostics;
using Mono.Unix.Native;

namespace Algorithms.Linux;

/// <summary>
/// The one way to start a process: by an absolute path. .NET itself would look for a bare name beside this program and in
/// the current folder, which may be anybody's; so its own calls are banned elsewhere (.ci/BannedSymbols.txt).
/// </summary>
public static class Programs
{
    /// <summary>Where the system's programs are. Not the caller's PATH, which may hold a folder of others.</summary>
    public const string SearchPath = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin:/run/current-system/sw/bin";

    /// <summary>The absolute path of one of the system's programs; null where it is not installed.</summary>
    /// <param name="command">Its name.</param>
    public static string? Find(string command) => FindIn(SearchPath, command);

    /// <summary>The same, for a program that must be there.</summary>
    /// <exception cref="ErrExit">It is not installed.</exception>
    public static string Need(string command) =>
        Find(command) ?? throw ErrExit.Because($"{ErrExit.Program}: {command}: command not found in {SearchPath}");

    /// <summary>
    /// The dotnet command; null where there is none. Its folder is what DOTNET_ROOT or PATH says: an SDK may be installed anywhere.
    /// </summary>
    public static string? FindDotnet()
    {
        const string Dotnet = "dotnet";

        return FindIn(Environment.GetEnvironmentVariable("DOTNET_ROOT") ?? "", Dotnet) ?? Find(Dotnet)
            ?? FindIn(Environment.GetEnvironmentVariable("PATH") ?? "", Dotnet);
    }

    /// <summary>A process to start.</summary>
    /// <param name="file">The absolute path of the executable.</param>
    /// <param name="args">Its arguments.</param>
    /// <exception cref="ArgumentException">The path is not absolute.</exception>
    public static ProcessStartInfo At(string file, params IEnumerable<string> args)
    {
        if (!Path.IsPathRooted(file))
            throw new ArgumentException($"'{file}' is no absolute path", nameof(file));
#pragma warning disable RS0030 // here is the one place
        return new ProcessStartInfo(file, args);
#pragma warning restore RS0030
    }

    /// <summary>Start it.</summary>
    public static Process Start(ProcessStartInfo start)
    {
#pragma warning disable RS0030
        return Process.Start(start)!;
#pragma warning restore RS0030
    }

    private static string? FindIn(string folders, string command) =>
        folders.Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Where(Path.IsPathRooted)
            .Select(folder => Path.Combine(folder, command))
            .FirstOrDefault(file => File.Exists(file) && Syscall.access(file, AccessModes.X_OK) == 0);
}
