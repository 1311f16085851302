using Algorithms.Tests.Harness;

namespace Algorithms.Tests;

/// <summary>The controller's segment, as the kernel has it and as ipcs shows it.</summary>
public sealed class SegmentTests : SharedMemoryTest
{
    [Fact(Timeout = Limit)]
    public async Task In_mid_session_it_has_mode_0666_4100_bytes_and_two_attached()
    {
        string path = NewFile();
        RunningProgram program = Start(
            "/bin/sh", ["-c", "umask 077; exec \"$@\"", "sh", Alg8.Shmcon, path, "--wait", "futex"]);
        await program.Shows("Enter some text: ");

        SegmentEntry? segment = SegmentEntry.Find(SegmentEntry.KeyOf(path));
        await program.Types("end\n");
        await program.Ends();

        Assert.NotNull(segment);
        Assert.Equal(("666", SegmentEntry.LectureSize, 2), (segment.Mode, segment.Size, segment.Attached));
        Assert.Equal(program.Id, segment.Creator);
    }

    [Fact(Timeout = Limit)]
    public async Task The_table_is_ipcss_own_row_of_this_segment_and_no_other()
    {
        Tool.Find("ipcs");
        string path = NewFile();
        string reader = NewScript($"ipcs -m > table; exec '{Alg8.Shmread}' \"$@\" --wait futex");

        Finished run = await Run(Alg8.Shmcon, [path, "--wait", "futex", "--reader", reader], "end\n");

        string[] table = await File.ReadAllLinesAsync(Path.Combine(Folder, "table"), TestContext.Current.CancellationToken);
        string row = Assert.Single(table, line => line.StartsWith($"0x{SegmentEntry.KeyOf(path):x8} ", StringComparison.Ordinal));
        Assert.Contains($"\n----- Shared Memory Segments ----- \n{row}\n", run.Output);
        Assert.Single(run.Output.Split('\n'), line => line == row);
    }

    [Fact(Timeout = Limit)]
    public async Task Without_ipcs_the_table_is_the_same()
    {
        string path = NewFile();
        string nothing = Directory.CreateDirectory(NewPath()).FullName;

        Finished run = await Run(Alg8.Shmcon, [path, "--wait", "futex"], "end\n", variables: ("PATH", nothing));

        run.Printed(new Slide(SegmentEntry.KeyOf(path), run.Output).Session("end\n"));
    }

    [Fact(Timeout = Limit)]
    public async Task A_row_with_the_id_in_another_place_is_not_taken_for_it()
    {
        // The slide's grep would take each of these rows for the segment's: an ipcs that adds them to every row.
        string decoys = Directory.CreateDirectory(NewPath()).FullName;
        string script = NewScript($$"""
            {{Tool.Find("ipcs")}} "$@" | awk '{ print }
                $2 ~ /^[0-9]+$/ { print "0x" $2, 1 $2, $2, 666, $2, $2
                                  print $1, $2 1, "user", 666, 4100, 0
                                  print $2, 0, $2, 666, 4100, 0 }'
            """);
        File.Move(script, Path.Combine(decoys, "ipcs"));
        string path = NewFile();

        Finished run = await Run(
            Alg8.Shmcon,
            [path, "--wait", "futex"],
            "end\n",
            variables: ("PATH", $"{decoys}:{Environment.GetEnvironmentVariable("PATH")}"));

        run.Printed(new Slide(SegmentEntry.KeyOf(path), run.Output).Session("end\n"));
    }
}
