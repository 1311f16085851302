using Algorithms.Linux;
using Algorithms.Tests.Harness;

namespace Algorithms.Tests.Slides;

/// <summary>
/// Readers, writers and controllers of C, perl and C# share one segment and cannot distinguish each other.
/// </summary>
public sealed class PeerTests : SharedMemoryTest
{
    private static readonly string[] Texts = ["Hello World!\n", "caf\xe9 \xe5\x86\x85 \x01\x7f\n", "\n", "end\n"];

    public static MatrixTheoryData<By, By> Pairs { get; } = new(Enum.GetValues<By>(), Enum.GetValues<By>());

    public static MatrixTheoryData<By, By, By> Trios { get; } =
        new([By.CSharp, By.C], Enum.GetValues<By>(), Enum.GetValues<By>());

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Pairs))]
    public async Task Any_reader_reads_what_any_writer_writes(By reader, By writer)
    {
        SegmentEntry segment = await NewSegment();
        string[] arguments = [segment.Hex, "--interval", "10"];
        RunningProgram reading = Start(await Peers.Reader(reader), arguments);
        RunningProgram writing = Start(await Peers.Writer(writer), arguments);
        await writing.Types(string.Concat(Texts));

        Finished written = await writing.Ends();
        Finished read = await reading.Ends();

        Assert.Equal((0, 0), (written.Status, read.Status));
        Assert.Equal(Writer(writer, segment.Key, written.Output), written.Output);
        Assert.Equal(Reader(reader, segment.Key, read.Output), read.Output);
    }

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Trios))]
    public async Task Any_controller_leads_any_reader_and_any_writer(By controller, By reader, By writer)
    {
        string path = NewPath();
        string[] children = [Child(await Peers.Reader(reader), "reader"), Child(await Peers.Writer(writer), "writer")];

        Finished run = controller == By.C
            ? await Run(await Peers.C("shmcon"), [path, .. children], string.Concat(Texts))
            : await Run(Alg8.Shmcon, [path, "--reader", children[0], "--writer", children[1]], string.Concat(Texts));

        Slide slide = new(SegmentEntry.KeyOf(path), run.Output);
        run.Printed(slide.Opening(created: true) + slide.Closing);
        string written = await Said("writer");
        string read = await Said("reader");
        Assert.Equal(Writer(writer, SegmentEntry.KeyOf(path), written), written);
        Assert.Equal(Reader(reader, SegmentEntry.KeyOf(path), read), read);
    }

    // Not one of the peers' simple programs prints in the order of the slide: each child prints to a file of its own.
    private string Child(string file, string role) => NewScript($"exec '{file}' \"$@\" --interval 10 > {role}.said");

    private async Task<string> Said(string role)
    {
        string file = Path.Combine(Folder, $"{role}.said");
        return System.Text.Encoding.Latin1.GetString(
            await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
    }

    // perl's print the texts alone.
    private static string Reader(By by, uint key, string output) =>
        by == By.Perl ? string.Concat(Texts.Select(Slide.Read)) : new Slide(key, output).Reader(Texts);

    private static string Writer(By by, uint key, string output) =>
        by == By.Perl ? string.Concat(Texts.Select(text => Slide.Wrote(text))) : new Slide(key, output).Writer(Texts);
}
