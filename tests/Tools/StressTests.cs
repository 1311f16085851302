using System.Text.RegularExpressions;
using Algorithms.Tests.Harness;

namespace Algorithms.Tests.Tools;

/// <summary>A short form of ./run.sh stress.</summary>
public sealed class StressTests : FaultTest
{
    [Fact(Timeout = Limit)]
    public async Task Sessions_kills_and_random_arguments_lose_nothing_and_leave_nothing()
    {
        Finished run =
            await Run(Path.Combine(Repository.Bin, "alg8-tools"), ["stress", "--seconds", "8", "--patience", "30"]);

        Assert.Equal("", run.Error);
        Assert.Equal(0, run.Status);
        Assert.Matches(
            new Regex("""
                ^stress: seed [0-9]+, 8 s, [0-9]+ processors
                [1-9][0-9]* sessions of 8-1: 0 wrong
                [1-9][0-9]* runs of 8-4: 0 wrong
                [1-9][0-9]* kills: 0 hangs over 30 s, 0 other failures; the slowest end took [0-9]+.[0-9] s
                [1-9][0-9]* argument vectors: 0 crashes or hangs
                0 leaks
                [0-9]+ s
                $
                """),
            run.Output);
    }

    [Fact(Timeout = Limit)]
    public async Task An_interrupt_ends_it_and_removes_what_it_made()
    {
        RunningProgram run = await StartGroup(Path.Combine(Repository.Bin, "alg8-tools"), "stress", "--seed", "27");
        await run.Shows("stress: seed 27, 60 s, ");
        await RandomMoment();

        Send(-run.Id, Mono.Unix.Native.Signum.SIGINT);
        Finished finished = await run.IsGone();

        Assert.Equal(130, finished.Status);
        NoCrash(finished);
        Assert.Empty(Directory.EnumerateDirectories(Path.GetTempPath(), $"alg8-stress-{run.Id}-*"));
        Assert.Empty(Directory.EnumerateFiles("/dev/shm", $"alg8-stress-{run.Id}-*"));
    }
}
