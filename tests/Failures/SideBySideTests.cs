using Algorithms.Tests.Harness;

namespace Algorithms.Tests.Failures;

/// <summary>Controllers at work at the same time do not disturb each other.</summary>
public sealed class SideBySideTests : SharedMemoryTest
{
    private const int Controllers = 4;

    [Fact(Timeout = Limit)]
    public async Task Sessions_on_different_paths_keep_their_texts_apart()
    {
        string[] paths = [.. Enumerable.Range(0, Controllers).Select(_ => NewFile())];
        RunningProgram[] programs = [.. paths.Select(path => Start(Alg8.Shmcon, [path, "--wait", "futex"]))];
        foreach (RunningProgram program in programs)
        {
            await program.Shows("Enter some text: ");
        }

        SegmentEntry?[] segments = [.. paths.Select(path => SegmentEntry.Find(SegmentEntry.KeyOf(path)))];
        Assert.Equal(Controllers, segments.Select(segment => segment?.Id).Distinct().Count());

        for (int number = 0; number < Controllers; number++)
        {
            await programs[number].Types($"text of {number}\nend\n");
        }

        for (int number = 0; number < Controllers; number++)
        {
            Finished run = await programs[number].Ends();
            run.Printed(
                new Slide(SegmentEntry.KeyOf(paths[number]), run.Output).Session($"text of {number}\n", "end\n"));
        }
    }

    [Fact(Timeout = Limit)]
    public async Task Two_project_ids_make_two_segments_of_one_path()
    {
        string path = NewFile();
        RunningProgram first = Start(Alg8.Shmcon, [path, "--wait", "futex"]);
        RunningProgram second = Start(Alg8.Shmcon, [path, "--wait", "futex", "--proj-id", "0x28"]);
        await first.Shows("Enter some text: ");
        await second.Types("second\nend\n");

        Finished ended = await second.Ends();
        await first.Types("first\nend\n");
        Finished last = await first.Ends();

        ended.Printed(new Slide(SegmentEntry.KeyOf(path, 0x28), ended.Output).Session("second\n", "end\n"));
        last.Printed(new Slide(SegmentEntry.KeyOf(path), last.Output).Session("first\n", "end\n"));
    }

    [Fact(Timeout = Limit)]
    public async Task Runs_on_different_names_keep_their_objects_apart()
    {
        RunningProgram[] programs =
        [
            .. Enumerable.Range(0, Controllers).Select(number =>
            {
                string producer = NewScript($"exec '{Alg8.Shmproducer}' \"$1\" 'message {number}'");
                return Start(Alg8.Shmpthreadcon, [NewName(), "--producer", producer]);
            }),
        ];

        for (int number = 0; number < Controllers; number++)
        {
            Finished run = await programs[number].Ends();
            Assert.Contains($"produced message: message {number}\nconsumed message: message {number}\n", run.Output);
            Assert.Equal(0, run.Status);
        }
    }
}
