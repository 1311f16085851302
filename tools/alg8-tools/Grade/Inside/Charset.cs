using System.Text;

namespace Algorithms;

/// <summary>Bytes as a person wrote them: UTF-8, or else GB18030, which includes GBK and GB2312.</summary>
internal static class Charset
{
    private static readonly UTF8Encoding _utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly Encoding _gb18030 = CodePagesEncodingProvider.Instance.GetEncoding("GB18030")!;

    public static bool IsUtf8(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _utf8.GetCharCount(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    /// <summary>The text of a program's output, a name, a message: each line by itself, since one that is broken says nothing of the others.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new();
        foreach (Range line in bytes.Split((byte)'\n'))
            text.Append(text.Length > 0 || line.Start.Value > 0 ? "\n" : "").Append(DecodeLine(bytes[line]));
        return text.ToString();
    }

    private static string DecodeLine(ReadOnlySpan<byte> line) => (IsUtf8(line) || IsCutUtf8(line) ? Encoding.UTF8 : _gb18030).GetString(line);

    // UTF-8 whose last character is not whole: a program has cut it.
    private static bool IsCutUtf8(ReadOnlySpan<byte> line)
    {
        for (int cut = 1; cut <= Math.Min(3, line.Length); cut++)
        {
            if (line[^cut] >= 0xC2 && IsUtf8(line[..^cut]) && line[..^cut].ContainsAnyInRange((byte)0x80, (byte)0xFF))
                return true;
        }

        return false;
    }

    /// <summary>The text of a source as UTF-8, without a byte order mark; null where it is that already.</summary>
    public static byte[]? ToUtf8(byte[] source) => source switch
    {
        [0xEF, 0xBB, 0xBF, ..] => source[3..],
        [0xFF, 0xFE, ..] => _utf8.GetBytes(Encoding.Unicode.GetString(source.AsSpan(2))),
        [0xFE, 0xFF, ..] => _utf8.GetBytes(Encoding.BigEndianUnicode.GetString(source.AsSpan(2))),
        _ => IsUtf8(source) ? null : _utf8.GetBytes(_gb18030.GetString(source)),
    };
}
