using Algorithms.Tests.Harness;

namespace Algorithms.Tests.Slides;

/// <summary>8-1 typed at a terminal, as the lecture shows it.</summary>
public sealed class TerminalTests : SharedMemoryTest
{
    [Fact(Timeout = Limit)]
    public async Task The_screen_of_a_session_is_the_slides()
    {
        string path = NewPath();
        await using Terminal terminal = await OpenTerminal(Alg8.Shmcon, path);

        await terminal.Shows("Enter some text: ");
        await terminal.Types("Hello World!");
        await terminal.Presses("Enter");
        await terminal.Shows("Enter some text: ", times: 2);
        await terminal.Types("end");
        await terminal.Presses("Enter");
        await terminal.Ends();

        string expected = new Slide(SegmentEntry.KeyOf(path), terminal.Screen)
            .Session(created: true, echoed: true, "Hello World!\n", "end\n");
        Assert.Equal(expected + "exit status 0\n", terminal.Screen);
    }

    [Fact(Timeout = Limit)]
    public async Task The_end_of_input_at_the_prompt_ends_the_session()
    {
        string path = NewFile();
        await using Terminal terminal = await OpenTerminal(Alg8.Shmcon, path, "--wait", "futex");

        await terminal.Shows("Enter some text: ");
        await terminal.Types("内存");
        await terminal.Presses("Enter");
        await terminal.Shows("Enter some text: ", times: 2);
        await terminal.Presses("C-d");
        await terminal.Ends();

        Assert.Contains(Slide.Wrote("内存\n", echo: "内存\n") + Slide.Read("内存\n") + Slide.Wrote("end\n"), terminal.Screen);
    }

    [Fact(Timeout = Limit)]
    public async Task After_an_interrupt_the_terminal_is_as_it_was()
    {
        await using Terminal terminal = await OpenTerminal(Alg8.Shmcon, NewFile());

        await terminal.Shows("Enter some text: ");
        await terminal.Types("never sent");
        await terminal.Presses("C-c");
        await terminal.Ends(status: 130);
    }
}
