using Mono.Unix.Native;

namespace Algorithms.Tests.Harness;

/// <summary>
/// The tests themselves: what a run needs to be right and to leave nothing, however it was started and however it ends.
/// </summary>
public sealed class HarnessTests : FaultTest
{
    private const string Long = "*.A_hundred_million_items_arrive_once_and_in_order";
    private const string Interrupting = "*.A_program_started_by_hand_ends_and_leaves_the_segment_with_a_hint";

    private static readonly string Tests = Environment.ProcessPath!;

    [Theory(Timeout = Limit)]
    [InlineData(Signum.SIGTERM)]
    [InlineData(Signum.SIGHUP)]
    public async Task A_run_that_is_ended_leaves_nothing(Signum signal)
    {
        RunningProgram run = Start(Tests, ["-method", Long]);
        string its = $"alg8-test-{run.Id}-*";
        await Wait.Until(() => Directory.EnumerateFiles("/dev/shm", its).Any(), () => $"the object of {run}");
        string name = Path.GetFileName(Directory.EnumerateFiles("/dev/shm", its).First());
        await Wait.Until(() => LiveProcess.CountWithArgument(name) == 3, () => $"the processes of {run}");

        Send(run.Id, signal);
        Finished finished = await run.IsGone();

        Assert.NotEqual(0, finished.Status);
        Assert.Equal(0, LiveProcess.CountWithArgument(name));
        Assert.Empty(Directory.EnumerateFiles("/dev/shm", its));
        Assert.Empty(Directory.EnumerateDirectories(Path.GetTempPath(), its));
    }

    [Fact(Timeout = Limit)]
    public async Task In_the_background_of_a_script_programs_are_interrupted_all_the_same()
    {
        string ignoring = NewScript($"trap '' HUP INT QUIT\nexec '{Tests}' -method '{Interrupting}'");

        Finished finished = await Run(ignoring, []);

        Assert.Equal(0, finished.Status);
        Assert.Matches("Total: 2, .*Failed: 0", finished.Output);
    }

    [Fact(Timeout = Limit)]
    public async Task A_test_that_goes_on_after_its_end_leaves_nothing_either()
    {
        Other other = new();
        var goingOn = Task.Run(
            () =>
            {
                while (true)
                {
                    other.Start(Tool.Find("sleep"), ["1000"]);
                }
            },
            TestContext.Current.CancellationToken);
        await Wait.Until(() => other.Ours().Count() > 3, () => "processes");

        // Processes that still run would fail a test that has passed.
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(async () => await other.DisposeAsync());

        await Assert.ThrowsAsync<ObjectDisposedException>(() => goingOn);
        Assert.Empty(other.Ours());
    }

    private sealed class Other : SharedMemoryTest;
}
