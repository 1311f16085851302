using System.Globalization;
using System.Text;

namespace Algorithms.Linux;

/// <summary>How a word is written for a shell: whatever is in it, the shell hands on this word and does nothing else.</summary>
public static class Shell
{
    // What no shell gives a meaning to, anywhere in a word. Not a tilde, a brace, or an equals sign.
    private const string Plain = "_./:@%+,-";

    /// <summary>
    /// A word of a command that is meant to be copied: as it is where it needs no quotes, else in quotes. What could move
    /// the cursor, or turn the direction of the text, is written as <c>$'\033'</c>, which bash, zsh, ksh and busybox read.
    /// </summary>
    public static string Quote(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || Plain.Contains(c)) ? word
        : word.EnumerateRunes().Any(IsUnseen) ? $"$'{string.Concat(word.EnumerateRunes().Select(Escape))}'"
        : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    /// <summary>A command that is meant to be copied: each of its words quoted where it needs to be.</summary>
    public static string Command(params IEnumerable<string> words) => string.Join(' ', words.Select(Quote));

    private static bool IsUnseen(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private static string Escape(Rune rune)
    {
        if (rune.Value is '\'' or '\\')
            return $@"\{rune}";
        if (!IsUnseen(rune))
            return $"{rune}";

        Span<byte> bytes = stackalloc byte[4];
        string escaped = "";
        foreach (byte b in bytes[..rune.EncodeToUtf8(bytes)])
            escaped += $@"\{Convert.ToString(b, 8).PadLeft(3, '0')}";
        return escaped;
    }
}
