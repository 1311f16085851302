using System.Globalization;
using System.Text.RegularExpressions;

namespace Algorithms.Tests.Harness;

/// <summary>
/// The standard output of the lecture's programs as its slides show it, with what no two runs have in common filled
/// in: the key, which the test knows, and id and addresses, which are read off the output under test.
/// A text is a message with the newline that fgets keeps.
/// </summary>
internal sealed partial class Slide(uint key, string output)
{
    private const string Indent = "                              ";

    /// <summary>The segment's owner as the rows name it.</summary>
    public string Owner { get; init; } = Environment.UserName;

    private readonly string shmid = Digits().Match(output).Groups["shmid"].Value;

    public Slide(string key, string output)
        : this(uint.Parse(key, NumberStyles.HexNumber, CultureInfo.InvariantCulture), output)
    {
    }

    /// <summary>Up to the second table: shmcon's lines before it starts its children.</summary>
    public string Opening(bool created = false) =>
        "max record number = 1, shm size = 4100\n"
        + (created ? "shared file object created\n" : "")
        + $"key generated: IPC key = {key:x}\n"
        + $"shmcon: shmid = {shmid}\n"
        + $"shmcon: shared Memory attached at {Address("shmcon")}\n"
        + Table + Row(1)
        + Table + Row(0);

    /// <summary>shmcon's lines after the end of its children.</summary>
    public string Closing =>
        $"shmcon: shmid = {shmid} removed \n"
        + Table
        + "nothing found ... \n";

    /// <summary>The reader's first four lines.</summary>
    public string ReaderReady =>
        $"{Indent}shmread: IPC key = {key:x}\n"
        + $"{Indent}shmread: shmid = {shmid}\n"
        + $"{Indent}shmread: shared memory attached at {Address("shmread")}\n"
        + $"{Indent}shmread process ready ...\n";

    /// <summary>The writer's first four lines.</summary>
    public string WriterReady =>
        $"shmwrite: IPC key = {key:x}\n"
        + $"shmwrite: shmid = {shmid}\n"
        + $"shmwrite: shared memory attached at {Address("shmwrite")}\n"
        + "shmwrite precess ready ...\n";

    /// <summary>What the writer prints for a text; the echo is the terminal's.</summary>
    public static string Wrote(string text, string echo = "") => $"Enter some text: {echo}shared buffer: {text}\n";

    /// <summary>What the reader prints for a text.</summary>
    public static string Read(string text) => $"{Indent}You wrote: {text}\n";

    /// <summary>A whole reader.</summary>
    public string Reader(params IEnumerable<string> texts) => ReaderReady + string.Concat(texts.Select(Read));

    /// <summary>A whole writer.</summary>
    public string Writer(params IEnumerable<string> texts) =>
        WriterReady + string.Concat(texts.Select(text => Wrote(text)));

    /// <summary>A whole session whose input comes from a pipe.</summary>
    public string Session(params IEnumerable<string> texts) => Session(created: false, echoed: false, texts);

    /// <summary>A whole session.</summary>
    public string Session(bool created, bool echoed, params IEnumerable<string> texts) =>
        Opening(created) + ReaderReady + WriterReady
        + string.Concat(texts.Select(text => Wrote(text, echoed ? text : "") + Read(text)))
        + Closing;

    private const string Table = "\n----- Shared Memory Segments ----- \n";

    private string Row(int attached) =>
        new SegmentEntry(
            key, int.Parse(shmid, CultureInfo.InvariantCulture), "666", SegmentEntry.LectureSize, 0, 0).Row(attached, Owner);

    // Some page of the process, as %p prints it.
    private string Address(string program) =>
        Regex.Match(output, $"{program}: shared [Mm]emory attached at (0x[0-9a-f]+000)\n").Groups[1].Value;

    [GeneratedRegex(": shmid = (?<shmid>[0-9]+)\n")]
    private static partial Regex Digits();
}
