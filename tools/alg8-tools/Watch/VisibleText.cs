using System.Globalization;
using System.Text;
using Spectre.Console;

namespace Algorithms;

/// <summary>
/// Bytes that anybody may have put into shared memory, as text that is safe to print: in C's notation, so that no control
/// character, escape sequence or change of direction reaches the terminal. And the cells that text takes there.
/// </summary>
internal static class VisibleText
{
    private const string Cut = "…";

    /// <summary>Bytes as text: UTF-8 where it is, C's escapes for the rest.</summary>
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new();
        while (!bytes.IsEmpty)
        {
            bool isRune = Rune.DecodeFromUtf8(bytes, out Rune rune, out int length) is System.Buffers.OperationStatus.Done;
            if (isRune && IsPlain(rune))
                text.Append(rune.ToString());
            else if (isRune && !rune.IsAscii)
                text.Append(rune.IsBmp ? $"\\u{rune.Value:x4}" : $"\\U{rune.Value:x8}");
            else
                foreach (byte b in bytes[..length])
                    text.Append(Escaped(b));
            bytes = bytes[length..];
        }

        return text.ToString();
    }

    /// <summary>A name from the system, which may hold anything too.</summary>
    public static string Of(string name) => Of(Encoding.UTF8.GetBytes(name));

    /// <summary>The cells that a text takes: two for a Chinese character.</summary>
    public static int Cells(string text) => text.GetCellWidth();

    /// <summary>A text cut to so many cells; one that is cut ends with an ellipsis.</summary>
    public static string Clip(string text, int cells)
    {
        if (Cells(text) <= cells)
            return text;
        return cells < 1 ? "" : text[..LengthOf(text, cells - 1)] + Cut;
    }

    /// <summary>A text in pieces of so many cells, at most <paramref name="most"/> of them; the last one is cut if need be.</summary>
    public static IEnumerable<string> Wrap(string text, int cells, int most)
    {
        for (int lines = 1; lines < most && Cells(text) > cells; lines++)
        {
            int length = LengthOf(text, cells);
            if (length == 0)
                break;
            yield return text[..length];
            text = text[length..];
        }

        yield return Clip(text, cells);
    }

    // How many chars of a text fit into so many cells.
    private static int LengthOf(string text, int cells)
    {
        int length = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            cells -= Cells(rune.ToString());
            if (cells < 0)
                break;
            length += rune.Utf16SequenceLength;
        }

        return length;
    }

    // What takes its one or two cells on every terminal and does nothing else. A variation selector changes the width.
    private static bool IsPlain(Rune rune) =>
        rune.Value is not ('\\' or >= 0xfe00 and <= 0xfe0f)
        && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
            or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static string Escaped(byte b) => b switch
    {
        (byte)'\\' => "\\\\",
        (byte)'\n' => "\\n",
        (byte)'\r' => "\\r",
        (byte)'\t' => "\\t",
        0 => "\\0",
        _ => $"\\x{b:x2}",
    };
}
