using Spectre.Console;

namespace Algorithms;

/// <summary>How the picture sets things off: such that it can be read on dark and on light, and without any colour too.</summary>
internal static class Styles
{
    /// <summary>What matters: values, names, headings.</summary>
    public static readonly Style Strong = new(decoration: Decoration.Bold);

    /// <summary>What only names or frames something.</summary>
    public static readonly Style Faint = new(decoration: Decoration.Dim);

    /// <summary>A full place, and a byte that has changed.</summary>
    public static readonly Style Reversed = new(decoration: Decoration.Invert);

    /// <summary>The producer's index.</summary>
    public static readonly Style In = new(Color.Green, decoration: Decoration.Bold);

    /// <summary>The consumer's index.</summary>
    public static readonly Style Out = new(Color.Purple, decoration: Decoration.Bold);

    /// <summary>The terminal's eight basic colours, or none where NO_COLOR asks for it. no-color.org</summary>
    public static ColorSystem Colours =>
        Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 } ? ColorSystem.NoColors : ColorSystem.Standard;
}
