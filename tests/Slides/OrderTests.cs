using Algorithms.Tests.Harness;

namespace Algorithms.Tests.Slides;

/// <summary>
/// The order of 8-4's lines is the slide's, in every run. A class of its own: classes run side by side.
/// </summary>
public sealed class PosixOrderTests : SharedMemoryTest
{
    [Fact(Timeout = LongLimit)]
    public async Task Produced_stands_above_consumed_in_every_run()
    {
        for (int run = 0; run < 100; run++)
        {
            Finished finished = await Run(Alg8.Shmpthreadcon, [NewName()]);
            Assert.Contains("\nproduced message: Hello World!\nconsumed message: Hello World!\n", finished.Output);
        }
    }
}

/// <summary>The order of 8-1's lines is the slide's, in every run: it is no luck.</summary>
public sealed class OrderTests : SharedMemoryTest
{
    private static readonly string[] Texts = ["Hello World!\n", "again\n", "end\n"];

    [Theory(Timeout = LongLimit)]
    [InlineData("futex", 150)]
    [InlineData("spin", 50)]
    public async Task A_session_prints_its_lines_in_one_order_in_every_run(string strategy, int runs)
    {
        string path = NewFile();
        for (int run = 0; run < runs; run++)
        {
            Finished finished = await Run(Alg8.Shmcon, [path, "--wait", strategy], string.Concat(Texts));
            finished.Printed(new Slide(SegmentEntry.KeyOf(path), finished.Output).Session(Texts));
        }
    }

    [Fact(Timeout = LongLimit)]
    public async Task The_prompt_waits_for_all_that_the_reader_has_to_say()
    {
        string path = NewFile();
        for (int run = 0; run < 25; run++)
        {
            RunningProgram program = Start(Alg8.Shmcon, [path, "--wait", "futex"]);
            string transcript = "";
            foreach (string text in Texts)
            {
                // All that is there before the text is typed, down to the prompt, and nothing after it.
                string prompt = "Enter some text: ";
                await program.Shows(prompt, Array.IndexOf(Texts, text) + 1);
                Slide slide = new(SegmentEntry.KeyOf(path), program.Output);
                transcript = transcript.Length == 0
                    ? slide.Opening() + slide.ReaderReady + slide.WriterReady + prompt
                    : transcript + prompt;
                Assert.Equal(transcript, program.Output);
                await program.Types(text);
                transcript += Slide.Wrote(text)[prompt.Length..] + Slide.Read(text);
            }

            await program.Ends();
        }
    }
}
