using Algorithms.Tests.Harness;

namespace Algorithms.Tests.Tools;

/// <summary>`run.sh limits` is the slide's `ipcs -l`, and what its lines mean for shmget.</summary>
public sealed class LimitsCommandTests : SharedMemoryTest
{
    [Fact(Timeout = Limit)]
    public async Task First_comes_what_ipcs_prints()
    {
        Finished ipcs = await Run(Tool.Find("ipcs"), ["-l"], variables: ("LC_ALL", "C.UTF-8"));

        Finished run = await Run(Repository.RunSh, ["limits"]);

        Assert.StartsWith(ipcs.Output, run.Output);
        Assert.Equal((0, ""), (run.Status, run.Error));
    }

    [Theory(Timeout = Limit)]
    [InlineData("shmmni", "max number of segments", "ENOSPC, No space left on device")]
    [InlineData("shmmax", "max seg size", "EINVAL, Invalid argument")]
    [InlineData("shmall", "max total shared memory", "ENOSPC, No space left on device")]
    public async Task Then_each_limit_with_its_value_and_the_error_of_going_beyond(
        string limit, string line, string error)
    {
        string value =
            (await File.ReadAllTextAsync($"/proc/sys/kernel/{limit}", TestContext.Current.CancellationToken)).Trim();

        Finished run = await Run(Repository.RunSh, ["limits"]);

        string[] lines = run.Output.Split('\n');
        int found = Array.FindIndex(lines, text => text.StartsWith($"{line}: {value} ", StringComparison.Ordinal));
        Assert.NotEqual(-1, found);
        Assert.EndsWith(error, lines[found + 1]);
    }
}
