using System.Globalization;
using Algorithms.Linux;
using Mono.Unix.Native;

namespace Algorithms;

/// <summary>
/// A command's temporary folder. In it stands which process it is of, so that <c>clean</c> knows what a killed one has left.
/// </summary>
internal static class TempFolder
{
    // In the folder, beside what is the command's. run.sh split writes one too.
    private const string Mark = ".alg8", Word = "alg8-tools";

    /// <summary>Make one, which nobody else may read.</summary>
    /// <param name="prefix">How its name begins: <c>alg8-bench-</c>.</param>
    public static string Create(string prefix)
    {
        string path = Directory.CreateTempSubdirectory(prefix).FullName;
        File.WriteAllText(Path.Combine(path, Mark), $"{Word} {Environment.ProcessId} {ProcFs.Started(Environment.ProcessId)}\n");
        return path;
    }

    /// <summary>Delete one, whatever is in it; a process or thread that is about to end may be writing there.</summary>
    public static void Delete(string path)
    {
        const int Tries = 100, PauseMilliseconds = 20;

        for (int tries = 1; ; tries++)
        {
            try
            {
                Directory.Delete(path, recursive: true);
                return;
            }
            catch (DirectoryNotFoundException)
            {
                return;
            }
            catch (IOException) when (tries < Tries)
            {
                Thread.Sleep(PauseMilliseconds);
            }
        }
    }

    /// <summary>Those of this user whose process is gone.</summary>
    public static IEnumerable<string> Leftovers() =>
        Directory.EnumerateDirectories(Path.GetTempPath(), "alg8-*").Where(IsLeftover).Order(StringComparer.Ordinal);

    /// <summary>Whether a folder is this user's, and was left by a process that is gone.</summary>
    public static bool IsLeftover(string path) =>
        Syscall.lstat(path, out Stat folder) == 0 && IsOurs(folder, FilePermissions.S_IFDIR)
        && Syscall.lstat(Path.Combine(path, Mark), out Stat mark) == 0 && IsOurs(mark, FilePermissions.S_IFREG)
        && ProcFs.ReadLines(Path.Combine(path, Mark)) is [var line]
        && line.Split(' ') is [Word, var pid, var started]
        && int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        && !(ProcFs.IsAlive(number) && ProcFs.Started(number).ToString(CultureInfo.InvariantCulture) == started);

    private static bool IsOurs(Stat file, FilePermissions type) =>
        file.st_uid == Syscall.geteuid() && (file.st_mode & FilePermissions.S_IFMT) == type
        && (file.st_mode & (FilePermissions.S_IWGRP | FilePermissions.S_IWOTH)) == 0;
}
