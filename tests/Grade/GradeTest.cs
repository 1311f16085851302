using System.Text.Json.Nodes;
using Algorithms.Tests.Harness;
using Mono.Unix.Native;

namespace Algorithms.Tests.Grade;

/// <summary>A test of `run.sh grade`: submissions made of tests/submissions, graded by the built-in rubric or a part of it.</summary>
public abstract class GradeTest : SharedMemoryTest
{
    private static readonly string Submissions = Path.Combine(Repository.Root, "tests", "submissions");

    private static readonly string DefaultRubric = Path.Combine(Repository.Root, "tools", "alg8-tools", "Grade", "rubric.json");

    private static readonly string Patches = Path.Combine(Submissions, "faulty");

    /// <summary>The names of the faults: each is a patch of the correct submission.</summary>
    protected static IEnumerable<string> Faults =>
        Directory.EnumerateFiles(Patches, "*.patch").Select(path => Path.GetFileNameWithoutExtension(path)).Order();

    /// <summary>A copy of the correct submission.</summary>
    protected string Submission(string name)
    {
        string folder = Directory.CreateDirectory(Path.Combine(Folder, name)).FullName;
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Submissions, "correct")))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        return folder;
    }

    /// <summary>A copy of the correct submission with a fault patched in.</summary>
    protected async Task<string> Faulty(string name, string fault)
    {
        string folder = Submission(name);
        // Without the ceiling, git takes the paths for those of a repository that the temporary folder lies in.
        Finished patched = await Run(
            Tool.Find("git"), ["apply", Path.Combine(Patches, $"{fault}.patch")], folder: folder,
            variables: ("GIT_CEILING_DIRECTORIES", Folder));
        patched.Printed("");
        return folder;
    }

    /// <summary>Makes changes in a source, each of which must be one.</summary>
    protected static void Edit(string folder, string file, params string[] changes)
    {
        string path = Path.Combine(folder, file), text = File.ReadAllText(path);
        for (int i = 0; i < changes.Length; i += 2)
        {
            Assert.Contains(changes[i], text);
            text = text.Replace(changes[i], changes[i + 1]);
        }

        File.WriteAllText(path, text);
    }

    /// <summary>The built-in rubric, as JSON.</summary>
    protected static JsonNode Rubric() =>
        JsonNode.Parse(File.ReadAllText(DefaultRubric), documentOptions: new() { CommentHandling = System.Text.Json.JsonCommentHandling.Skip })!;

    /// <summary>A rubric with only those of the built-in one's checks that concern these programs.</summary>
    protected string RubricFor(params string[] programs) => RubricFor([], programs);

    /// <summary>The same, with other limits.</summary>
    protected string RubricFor(Dictionary<string, int> limits, params string[] programs)
    {
        JsonNode rubric = Rubric();
        JsonArray checks = rubric["checks"]!.AsArray();
        foreach (JsonNode? other in checks.Where(check => !programs.Contains((string)check!["program"]!)).ToArray())
        {
            checks.Remove(other);
        }

        rubric["limits"]!["cpuSeconds"] = 1; // who loops shall not hold up the other tests
        foreach ((string name, int limit) in limits)
        {
            rubric["limits"]![name] = limit;
        }

        string path = NewPath() + ".json";
        File.WriteAllText(path, rubric.ToJsonString());
        return path;
    }

    /// <summary>Grades. Where a submission could harm the machine of who runs the tests, it is not done.</summary>
    internal async Task<Finished> Grade(params string[] arguments)
    {
        await NeedIsolation();
        return await Start(Repository.RunSh, ["grade", .. arguments]).Ends(patience: TimeSpan.FromMilliseconds(LongLimit));
    }

    /// <summary>Skips the test where neither namespaces nor users of their own keep submissions apart.</summary>
    protected async Task NeedIsolation()
    {
        Tool.Find("gcc");
        string[] sandbox = ["--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--tmpfs", "/mnt", "/bin/true"];
        if ((await Run(Tool.Find("bwrap"), sandbox)).Status != 0)
        {
            Tool.Miss("This test needs the right to make namespaces.");
        }
    }

    /// <summary>What results.json says: for each check, its score and its greatest score.</summary>
    protected static Dictionary<string, (double Score, double Most)> Scores(string json) =>
        JsonNode.Parse(File.ReadAllText(json))!["tests"]!.AsArray()
            .ToDictionary(test => (string)test!["name"]!, test => ((double)test!["score"]!, (double)test["max_score"]!));

    /// <summary>The names of the checks that have lost points.</summary>
    protected static IEnumerable<string> Lost(string json) => Scores(json).Where(check => check.Value.Score < check.Value.Most).Select(check => check.Key);
}
