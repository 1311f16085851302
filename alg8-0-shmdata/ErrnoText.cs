using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Algorithms;

/// <summary>
/// An interpolated text that takes errno before it formats anything. Formatting makes calls of its own: the first
/// text of a process reads an environment variable, and in the .NET runtime that sets errno.
/// </summary>
[InterpolatedStringHandler]
public ref struct ErrnoText
{
    private DefaultInterpolatedStringHandler _text;

    /// <summary>Called by the compiler, before the text's holes are evaluated.</summary>
    public ErrnoText(int literalLength, int formattedCount)
    {
        Errno = Marshal.GetLastPInvokeError();
        _text = new(literalLength, formattedCount, CultureInfo.InvariantCulture);
    }

    /// <summary>errno, as the last call before the text left it.</summary>
    public int Errno { get; }

    /// <summary>Literal text.</summary>
    public void AppendLiteral(string value) => _text.AppendLiteral(value);

    /// <summary>A number, or a text as it is.</summary>
    public void AppendFormatted<T>(T value, string? format = null) => _text.AppendFormatted(value, format);

    /// <inheritdoc/>
    public override string ToString() => _text.ToStringAndClear();
}
