namespace Algorithms.Tests.Harness;

/// <summary>Text for a shell.</summary>
internal static class Shell
{
    /// <summary>A word that a shell takes as it is.</summary>
    public static string Quote(string word) => $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
