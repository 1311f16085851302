using Algorithms.Tests.Harness;

namespace Algorithms.Tests.Slides;

/// <summary>8-1 with its input from a pipe: every byte of standard output is the slide's.</summary>
public sealed class TranscriptTests : SharedMemoryTest
{
    [Fact(Timeout = Limit)]
    public async Task A_session_without_options_prints_what_the_slide_shows()
    {
        string path = NewPath();

        Finished run = await Run(Alg8.Shmcon, [path], "Hello World!\nend\n");

        run.Printed(new Slide(SegmentEntry.KeyOf(path), run.Output)
            .Session(created: true, echoed: false, "Hello World!\n", "end\n"));
    }

    [Fact(Timeout = Limit)]
    public async Task A_path_that_exists_is_not_created_and_not_touched()
    {
        string path = NewPath();
        await File.WriteAllTextAsync(path, "kept", TestContext.Current.CancellationToken);

        Finished run = await Run(Alg8.Shmcon, [path, "--wait", "futex"], "end\n");

        run.Printed(new Slide(SegmentEntry.KeyOf(path), run.Output).Session("end\n"));
        Assert.Equal("kept", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
    }

    [Fact(Timeout = Limit)]
    public async Task The_path_stays_and_the_second_session_on_it_has_the_same_key()
    {
        string path = NewPath();

        Finished first = await Run(Alg8.Shmcon, [path, "--wait", "futex"], "end\n");
        Finished second = await Run(Alg8.Shmcon, [path, "--wait", "futex"], "end\n");

        uint key = SegmentEntry.KeyOf(path);
        first.Printed(new Slide(key, first.Output).Session(created: true, echoed: false, "end\n"));
        second.Printed(new Slide(key, second.Output).Session("end\n"));
    }

    [Theory(Timeout = Limit)]
    [InlineData("022", "644")]
    [InlineData("077", "600")]
    public async Task A_created_path_has_mode_0644_less_the_umask(string umask, string mode)
    {
        string path = NewPath();

        await Run(
            "/bin/sh", ["-c", $"umask {umask}; exec \"$@\"", "sh", Alg8.Shmcon, path, "--wait", "futex"], "end\n");

        Assert.Equal(mode, Convert.ToString((int)File.GetUnixFileMode(path), 8));
    }

    [Fact(Timeout = Limit)]
    public async Task A_directory_will_do_for_a_path_as_it_does_for_ftok()
    {
        Finished run = await Run(Alg8.Shmcon, [Folder, "--wait", "futex"], "end\n");

        run.Printed(new Slide(SegmentEntry.KeyOf(Folder), run.Output).Session("end\n"));
    }

    [Fact(Timeout = Limit)]
    public async Task A_path_that_cannot_be_created_is_creats_error()
    {
        Finished run = await Run(Alg8.Shmcon, [Path.Combine(NewPath(), "below")], "end\n");

        run.Failed("creat(): No such file or directory");
        Assert.Equal("max record number = 1, shm size = 4100\n", run.Output);
    }
}
