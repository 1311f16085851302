namespace Algorithms.Tests.Harness;

/// <summary>What a machine may lack. A test that needs it is then skipped, to be seen; in CI it fails.</summary>
internal static class Tool
{
    /// <summary>The full path of the first of these that is installed.</summary>
    public static string Find(params string[] names)
    {
        IEnumerable<string> candidates =
            from name in names
            from folder in Environment.GetEnvironmentVariable("PATH")!.Split(':')
            select Path.Combine(folder, name);
        return candidates.FirstOrDefault(File.Exists) ?? Miss($"This test needs {string.Join(" or ", names)}.");
    }

    /// <summary>
    /// Skips the test where the programs under test were built for the .NET runtime, without a linker.
    /// </summary>
    public static void NeedNative(string reason)
    {
        if (Directory.EnumerateFiles(Repository.Bin, ".*.managed").Any())
        {
            Miss(reason);
        }
    }

    /// <summary>Skips the test, or fails it in CI.</summary>
    public static string Miss(string reason)
    {
        if (Environment.GetEnvironmentVariable("CI") is { Length: > 0 })
        {
            Assert.Fail(reason);
        }

        Assert.Skip(reason);
        return "";
    }
}
