using System.Text;
using Algorithms.Tests.Harness;

namespace Algorithms.Tests.Slides;

/// <summary>
/// A slot holds 4095 bytes and a NUL. A longer line goes on in further messages, all of it, cut between UTF-8
/// characters, and never so that a continuation looks like the `end` of the session.
/// </summary>
public sealed class LongLineTests : SharedMemoryTest
{
    private const int Slot = 4095;

    [Theory(Timeout = Limit)]
    [InlineData(4094)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(8190)]
    [InlineData(20_000)]
    [InlineData(300_000)]
    public async Task A_line_of_any_length_arrives_whole_in_full_slots(int length)
    {
        string line = new string('x', length) + "\n";

        string[] texts = await Transfer(line);

        Assert.Equal(line.Chunk(Slot).Select(chunk => new string(chunk)), texts);
    }

    [Theory(Timeout = Limit)]
    [InlineData("é")]
    [InlineData("内")]
    [InlineData("🧵")]
    public async Task A_cut_falls_between_utf8_characters(string character)
    {
        // One to four bytes before them, so that every place for a cut comes up.
        for (int shift = 0; shift < 4; shift++)
        {
            string line = new string('x', shift) + string.Concat(Enumerable.Repeat(character, 3000)) + "\n";

            string[] texts = await Transfer(Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(line)));

            UTF8Encoding strict = new(false, throwOnInvalidBytes: true);
            Assert.Equal(line, string.Concat(texts.Select(text => strict.GetString(Encoding.Latin1.GetBytes(text)))));
            Assert.All(texts[..^1], text => Assert.InRange(text.Length, Slot - 3, Slot));
        }
    }

    [Fact(Timeout = Limit)]
    public async Task Bytes_that_are_no_utf8_are_cut_too_and_arrive_whole()
    {
        string line = new string('\x80', 10_000) + new string('\xf0', 10_000) + "\n";

        Assert.Equal(line, string.Concat(await Transfer(line)));
    }

    [Theory(Timeout = Limit)]
    [InlineData(4093)]
    [InlineData(4094)]
    [InlineData(4095)]
    [InlineData(4096)]
    public async Task A_continuation_that_would_begin_with_end_does_not_end_the_session(int before)
    {
        string line = new string('x', before) + "endless story\n";

        Assert.Equal(line, string.Concat(await Transfer(line)));
    }

    [Theory(Timeout = Limit)]
    [InlineData("x")]
    [InlineData("xx")]
    [InlineData("xxx")]
    public async Task Nor_does_a_line_of_nothing_but_end_after_its_beginning(string beginning)
    {
        string line = beginning + string.Concat(Enumerable.Repeat("end", 5000)) + "\n";

        Assert.Equal(line, string.Concat(await Transfer(line)));
    }

    [Fact(Timeout = Limit)]
    public async Task A_long_last_line_without_a_newline_arrives_whole()
    {
        string line = new('x', 10_000);

        Assert.Equal(line, string.Concat(await Transfer(line, after: "")));
    }

    // The messages that the line makes in a session of it, `after` and the end, whose transcript is the slide's.
    private async Task<string[]> Transfer(string line, string after = "after\nend\n")
    {
        string path = NewFile();
        Finished run = await Run(Alg8.Shmcon, [path, "--wait", "futex"], line + after);

        string[] last = after.Length > 0 ? ["after\n", "end\n"] : ["end\n"];
        string[] texts = [.. run.Output.Split("You wrote: ")[1..].SkipLast(last.Length).Select(UpToThePrompt)];
        run.Printed(new Slide(SegmentEntry.KeyOf(path), run.Output).Session(texts.Concat(last)));
        Assert.All(texts.Skip(1), text => Assert.DoesNotMatch("^end", text));
        return texts;

        static string UpToThePrompt(string said) =>
            said[..said.LastIndexOf("\nEnter some text: ", StringComparison.Ordinal)];
    }
}
