using Algorithms.Tests.Harness;

namespace Algorithms.Tests.Slides;

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

        string[] table =
            await File.ReadAllLinesAsync(Path.Combine(Folder, "table"), TestContext.Current.CancellationToken);
        string row = Assert.Single(
            table, line => line.StartsWith($"0x{SegmentEntry.KeyOf(path):x8} ", StringComparison.Ordinal));
        Assert.Contains($"\n----- Shared Memory Segments ----- \n{row}\n", run.Output);
        Assert.Single(run.Output.Split('\n'), line => line == row);
    }

    [Fact(Timeout = Limit)]
    public async Task Without_ipcs_the_table_is_the_same()
    {
        string path = NewFile();
        string[] apart =
            await Apart($"mount --bind /dev/null {Tool.Find("ipcs")}", Alg8.Shmcon, path, "--wait", "futex");

        Finished run = await Run(apart[0], apart[1..], "end\n");

        run.Printed(new Slide(SegmentEntry.KeyOf(path), run.Output) { Owner = "root" }.Session("end\n")); // root apart
    }

    [Fact(Timeout = Limit)]
    public async Task A_row_with_the_id_in_another_place_is_not_taken_for_it()
    {
        // The slide's grep would take each of these rows for the segment's: an ipcs that adds them to every row.
        string ipcs = Tool.Find("ipcs"), real = NewPath();
        File.Copy(ipcs, real);
        string script = NewScript($$"""
            {{real}} "$@" | awk '{ print }
                $2 ~ /^[0-9]+$/ { print "0x" $2, 1 $2, $2, 666, $2, $2
                                  print $1, $2 1, "user", 666, 4100, 0
                                  print $2, 0, $2, 666, 4100, 0 }'
            """);
        string path = NewFile();
        const string OtherSegments = "for i in 1 2 3 4 5; do ipcmk -M 1 >made; done"; // an id of 0 would be in each row
        string[] apart =
            await Apart($"{OtherSegments} && mount --bind {script} {ipcs}", Alg8.Shmcon, path, "--wait", "futex");

        Finished run = await Run(apart[0], apart[1..], "end\n");

        run.Printed(new Slide(SegmentEntry.KeyOf(path), run.Output) { Owner = "root" }.Session("end\n")); // root apart
    }
}
