using System.Text.RegularExpressions;
using Mono.Unix;
using Mono.Unix.Native;

namespace Algorithms;

/// <summary>The names of a submission's files: which program each is, and those that are not UTF-8 made so.</summary>
internal static partial class Names
{
    // A name as short as this says nothing where other letters stand beside it.
    private const int TellingLength = 6;

    /// <summary>Which program of the rubric a file is, by its name.</summary>
    /// <param name="path">Where it lies in the submission, without its ending.</param>
    /// <param name="programs">The rubric's programs; a name with a slash counts the folder in.</param>
    /// <returns>The role, and how well the name fits; null and 0 where it fits none.</returns>
    public static (string? Role, int Fit) RoleOf(string path, IEnumerable<RubricProgram> programs)
    {
        string plain = Plain(Path.GetFileName(path)), whole = Plain(path);
        return (from program in programs
                from name in program.Names
                let fit = !name.Contains('/') ? Fit(plain, Plain(name)) : whole.EndsWith(Plain(name), StringComparison.Ordinal) ? 2000 : 0
                where fit > 0
                orderby fit descending
                select ((string?)program.Role, fit)).FirstOrDefault();
    }

    /// <summary>
    /// Give each file and folder whose name is not UTF-8 the name that GBK makes of it; the old one leads there, for
    /// Makefiles and #include lines.
    /// </summary>
    public static void MakeUtf8(string folder)
    {
        foreach (string name in Entries(folder))
        {
            string path = $"{folder}/{name}";
            byte[] bytes = UnixEncoding.Instance.GetBytes(name);
            if (!Charset.IsUtf8(bytes))
            {
                string renamed = $"{folder}/{Charset.Decode(bytes).Replace('/', '_')}";
                if (Syscall.lstat(renamed, out Stat _) == 0 || Syscall.rename(path, renamed) == -1)
                    continue;
                _ = Syscall.symlink(Path.GetFileName(renamed), path);
                path = renamed;
            }

            if (Syscall.lstat(path, out Stat stat) == 0 && (stat.st_mode & FilePermissions.S_IFMT) == FilePermissions.S_IFDIR)
                MakeUtf8(path);
        }
    }

    private static List<string> Entries(string folder)
    {
        List<string> names = [];
        nint stream = Syscall.opendir(folder);
        if (stream == 0)
            return names;
        while (Syscall.readdir(stream) is { } entry)
        {
            if (entry.d_name is not ("." or ".."))
                names.Add(entry.d_name);
        }

        _ = Syscall.closedir(stream);
        return names;
    }

    private static int Fit(string file, string name) =>
        file == name ? 1000 + name.Length
        : name.Length < TellingLength ? 0
        : file.EndsWith(name, StringComparison.Ordinal) ? 500 + name.Length
        : file.Contains(name, StringComparison.Ordinal) ? name.Length
        : 0;

    private static string Plain(string name) => string.Concat(Queue().Replace(name.ToLowerInvariant(), "queue").Where(char.IsLetterOrDigit));

    // What students call the queue; "string" is none.
    [GeneratedRegex("(circular|fifo|queue|(?<![a-z])ring)([^a-z0-9/]*(circular|fifo|queue|ring|buffer))*")]
    private static partial Regex Queue();
}
