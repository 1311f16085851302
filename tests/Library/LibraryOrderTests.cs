using System.Text.RegularExpressions;
using Algorithms.Tests.Harness;

namespace Algorithms.Tests.Library;

/// <summary>
/// alg8-0-shmdata can be read from the ground up: the files of the lecture first, then a folder that builds on them, and so
/// on. The test reads the sources: a file names another one if it uses a type that only that one declares.
/// </summary>
public sealed partial class LibraryOrderTests
{
    // From the ground up; "" is the folder of the library itself.
    private static readonly string[] Folders = ["", "Linux", "Console", "Session", "Options", "Trace"];

    private static readonly string Library = Path.Combine(Repository.Root, "alg8-0-shmdata");

    private static readonly Dictionary<string, string> Sources = Directory
        .EnumerateFiles(Library, "*.cs", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Library, path))
        .Where(file => file.Split('/')[0] is not ("bin" or "obj"))
        .ToDictionary(file => file, file => StringsAndComments().Replace(File.ReadAllText(Path.Combine(Library, file)), " "));

    private static readonly Dictionary<string, string[]> Named = FindNamed();

    [Fact]
    public void Each_folder_has_its_place_in_the_order_and_its_own_namespace()
    {
        foreach ((string file, string source) in Sources)
        {
            string folder = FolderOf(file);
            Assert.Contains(folder, Folders);
            Assert.Contains(folder.Length == 0 ? "namespace Algorithms;" : $"namespace Algorithms.{folder};", source);
        }
    }

    [Fact]
    public void No_folder_names_a_higher_one() => Assert.Empty(
        from file in Sources.Keys
        from other in Named[file]
        where Array.IndexOf(Folders, FolderOf(other)) > Array.IndexOf(Folders, FolderOf(file))
        select $"{file} names {other}");

    [Fact]
    public void No_two_files_name_each_other_in_a_circle()
    {
        // Take away the files that name none of those that are left, until there are no such files: circles remain.
        List<string> left = [.. Sources.Keys];
        while (left.RemoveAll(file => !Named[file].Any(left.Contains)) > 0)
        {
        }

        Assert.Empty(left);
    }

    [Fact]
    public void The_programs_on_the_ground_floor_are_found_to_name_each_other()
    {
        // The tests above would pass with a reading that finds nothing.
        Assert.Contains("LibC.cs", Named["Calls.cs"]);
        Assert.Contains("Waiting.cs", Named["BoundedBuffer.cs"]);
        Assert.Contains("Options/Host.cs", Named["Trace/Traced.cs"]);
        Assert.DoesNotContain("Calls.cs", Named["LibC.cs"]);
    }

    private static string FolderOf(string file) => Path.GetDirectoryName(file)!;

    private static Dictionary<string, string[]> FindNamed()
    {
        ILookup<string, string> declared = (
            from source in Sources
            from Match type in Declaration().Matches(source.Value)
            select (Name: type.Groups[1].Value, File: source.Key)).Distinct().ToLookup(type => type.Name, type => type.File);
        Dictionary<string, string> fileOf = declared.Where(type => type.Count() == 1).ToDictionary(type => type.Key, type => type.Single());
        return Sources.ToDictionary(source => source.Key, source => (
            from Match word in Word().Matches(FolderPrefix().Replace(source.Value, ""))
            let file = fileOf.GetValueOrDefault(word.Value)
            where file is not null && file != source.Key
            select file).Distinct().ToArray());
    }

    [GeneratedRegex(@"//.*|""""""[\s\S]*?""""""|(?<!')""(\\.|[^""\\\n])*""")]
    private static partial Regex StringsAndComments();

    [GeneratedRegex(@"\b(?:class|struct|interface|enum|record(?: struct)?)\s+([A-Za-z_]\w*)")]
    private static partial Regex Declaration();

    // Algorithms.Linux.Users is Users; System.Console stays.
    [GeneratedRegex(@"(?<![.\w])(Algorithms\.)?(Linux|Console|Session|Options|Trace)\.|(?<![.\w])Algorithms\.(?=[A-Z])")]
    private static partial Regex FolderPrefix();

    // A type, not a member of another one.
    [GeneratedRegex(@"(?<![.\w])[A-Za-z_]\w*\b")]
    private static partial Regex Word();
}
