namespace Algorithms.Options;

/// <summary>What somebody may have meant who has mistyped a name.</summary>
internal static class Spelling
{
    /// <summary>The names that are nearest to a mistyped one: those that begin with it, or else need the fewest keystrokes more.</summary>
    /// <returns>Several where several are as near; none where none is near enough to be meant.</returns>
    public static IReadOnlyList<string> Nearest(string typed, IEnumerable<string> names)
    {
        const int LettersPerMistake = 2, MostMistakes = 2;

        string letters = typed.TrimStart('-');
        List<string> longer = [.. names.Where(name => letters.Length > 1 && name.StartsWith(typed, StringComparison.Ordinal))];
        if (longer.Count > 0)
            return longer;

        int most = Math.Min(MostMistakes, letters.Length / LettersPerMistake);
        ILookup<int, string> byMistakes = names.ToLookup(name => Mistakes(typed, name));
        return Enumerable.Range(0, most + 1).Select(mistakes => byMistakes[mistakes].ToList()).FirstOrDefault(near => near.Count > 0) ?? [];
    }

    /// <summary>As the end of a message: <c>; did you mean --wait?</c> Empty where nothing is near.</summary>
    public static string Suggestion(string typed, IEnumerable<string> names) =>
        Nearest(typed, names) is { Count: > 0 } near ? $"; did you mean {string.Join(" or ", near)}?" : "";

    // Letters that are missing, too many, wrong, or in the place of their neighbour: optimal string alignment.
    private static int Mistakes(string typed, string name)
    {
        int[,] mistakes = new int[typed.Length + 1, name.Length + 1];
        for (int i = 0; i <= typed.Length; i++)
        {
            for (int j = 0; j <= name.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    mistakes[i, j] = i + j;
                    continue;
                }

                int wrong = typed[i - 1] == name[j - 1] ? 0 : 1;
                mistakes[i, j] = Math.Min(Math.Min(mistakes[i - 1, j], mistakes[i, j - 1]) + 1, mistakes[i - 1, j - 1] + wrong);
                if (i > 1 && j > 1 && typed[i - 1] == name[j - 2] && typed[i - 2] == name[j - 1])
                    mistakes[i, j] = Math.Min(mistakes[i, j], mistakes[i - 2, j - 2] + 1);
            }
        }

        return mistakes[typed.Length, name.Length];
    }
}
