using System.Text.RegularExpressions;

namespace Algorithms.Tests.Harness;

/// <summary>
/// What `ls -l /dev/shm` prints, of which the rows of other objects, and the total, are other programs'.
/// </summary>
internal static partial class Listing
{
    /// <summary>
    /// The output with these rows only, a blank between their columns, and with `total 0` for each total.
    /// </summary>
    public static string Only(Func<string, bool> isOurs, string output) => Total().Replace(
        Row().Replace(
            output, row => isOurs(row.Groups["name"].Value) ? Columns().Replace(row.Value, " ", 5) : ""), "total 0\n");

    /// <summary>A row of the list, with its newline.</summary>
    [GeneratedRegex(
        @"^(?<mode>[-dlps?][-rwxsStT?]{9}[+.@]?) +(?<links>\S+) +\S+ +\S+ +(?<size>\S+) +"
            + @"(?<date>\S+ +\S+ +\S+) (?<name>.+)\n",
        RegexOptions.Multiline)]
    public static partial Regex Row();

    [GeneratedRegex(" +")]
    private static partial Regex Columns();

    [GeneratedRegex("^total [0-9]+\n", RegexOptions.Multiline)]
    private static partial Regex Total();
}
