using System.Text;
using Algorithms.Tests.Harness;

namespace Algorithms.Tests.Slides;

/// <summary>What is typed is what arrives, byte for byte, line by line, until a line begins with `end`.</summary>
public sealed class MessageTests : SharedMemoryTest
{
    [Fact(Timeout = Limit)]
    public Task Several_messages_arrive_in_their_order() => Arrives("one\n", "two\n", "three\n", "two\n", "end\n");

    [Fact(Timeout = Limit)]
    public Task A_hundred_messages_arrive_in_their_order() =>
        Arrives([.. Enumerable.Range(1, 100).Select(number => $"message {number}\n"), "end\n"]);

    [Fact(Timeout = Limit)]
    public Task Empty_lines_and_blanks_are_messages() => Arrives("\n", " \n", "\t \n", "end\n");

    [Theory(Timeout = Limit)]
    [InlineData("共享内存\n")]
    [InlineData("Grüße, naïve façade\n")]
    [InlineData("🧵 a 👩‍👩‍👧 of threads\n")]
    public Task Utf8_arrives_unchanged(string text) => Arrives(Bytes(text), "end\n");

    [Fact(Timeout = Limit)]
    public Task Every_byte_but_NUL_and_newline_arrives_unchanged() =>
        Arrives(
            string.Concat(Enumerable.Range(1, 255).Select(value => (char)value).Where(value => value != '\n')) + "\n",
            "end\n");

    [Fact(Timeout = Limit)]
    public Task Latin1_and_broken_utf8_arrive_unchanged() => Arrives("caf\xe9\n", "\xe5\x85\n", "\xff\xfe\n", "end\n");

    [Fact(Timeout = Limit)]
    public Task Control_bytes_and_formats_arrive_unchanged() => Arrives("\x1b[1m%s%n\r\b\a\x7f\n", "end\n");

    [Fact(Timeout = Limit)]
    public Task A_NUL_ends_its_text_as_in_C() =>
        Transfers("before\0after\n" + "\0nothing\n" + "next\n" + "end\n", "before", "", "next\n", "end\n");

    [Theory(Timeout = Limit)]
    [InlineData("end\n")]
    [InlineData("endless\n")]
    [InlineData("end of the session\n")]
    [InlineData("end")]
    [InlineData("end\0\n", "end")]
    public Task A_line_that_begins_with_end_ends_the_session(string line, string? text = null) =>
        Transfers("one\n" + line + "not sent\n", "one\n", text ?? Line(line + "not sent\n"));

    [Theory(Timeout = Limit)]
    [InlineData("the end\n")]
    [InlineData(" end\n")]
    [InlineData("END\n")]
    [InlineData("en\n")]
    [InlineData("e\0nd\n", "e")]
    public Task Another_line_does_not(string line, string? text = null) =>
        Transfers(line + "end\n", text ?? line, "end\n");

    [Fact(Timeout = Limit)]
    public Task At_the_end_of_input_the_writer_sends_end() => Transfers("one\n", "one\n", "end\n");

    [Fact(Timeout = Limit)]
    public Task A_last_line_without_a_newline_is_sent_before_that() => Transfers("one\ntwo", "one\n", "two", "end\n");

    [Fact(Timeout = Limit)]
    public Task Without_any_input_end_is_all_that_is_sent() => Transfers("", "end\n");

    // Each of these lines is a message.
    private Task Arrives(params string[] lines) => Transfers(string.Concat(lines), lines);

    // This input makes these messages, and the whole transcript is the slide's.
    private async Task Transfers(string input, params string[] texts)
    {
        string path = NewFile();
        Finished run = await Run(Alg8.Shmcon, [path, "--wait", "futex"], input);
        run.Printed(new Slide(SegmentEntry.KeyOf(path), run.Output).Session(texts));
    }

    private static string Bytes(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    private static string Line(string input) => input[..(input.IndexOf('\n') + 1)];
}
