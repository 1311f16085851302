using Algorithms.Tests.Harness;

namespace Algorithms.Tests.Documentation;

/// <summary>What README and docs show is what comes: each transcript of a page is done again, and compared.</summary>
public sealed class DocumentedTranscriptTests : SharedMemoryTest
{
    private readonly OwnNames own;

    public DocumentedTranscriptTests() => own = new(NewPath, NewKey, NewName);

    public static TheoryData<string> Pages =>
        [.. Transcript.Pages.Where(page => Transcript.Of(page).Any())];

    [Theory(Timeout = LongLimit)]
    [MemberData(nameof(Pages))]
    public async Task What_a_page_shows_is_what_comes(string page)
    {
        Transcript[] shown = [.. Transcript.Of(page).Select(transcript => transcript.With(own))];
        await PrepareScratchFolder(page);

        for (int i = 0; i < shown.Length; i++)
        {
            if (shown[i].NeedsATerminal)
            {
                await AtATerminal(shown[i]);
            }
            else if (i + 1 < shown.Length && shown[i + 1].IsInTheOtherTerminal)
            {
                await InTwoTerminals(shown[i], shown[++i]);
            }
            else
            {
                Matches(shown[i], await Start(shown[i]).Ends());
            }
        }

        own.Keys.ForEach(key => Remove(key));
    }

    [Fact]
    public void Every_command_after_a_dollar_is_in_a_transcript() =>
        Assert.All(Transcript.Pages, page => Assert.Equal(
            File.ReadLines(Path.Combine(Repository.Root, page)).Where(
                line => line.StartsWith("$ ", StringComparison.Ordinal)),
            Transcript.Of(page).SelectMany(transcript => transcript.Commands).Select(command => $"$ {command}")));

    private async Task AtATerminal(Transcript shown)
    {
        const string Prompt = "Enter some text: ";

        await using Terminal terminal =
            await OpenTerminal(
                "env", $"TMPDIR={Folder}", $"XDG_RUNTIME_DIR={Folder}", "LC_ALL=C.UTF-8", "sh", "-c", shown.Script);
        int prompts = 0;
        foreach (string text in shown.Typed)
        {
            await terminal.HasShown(Prompt, ++prompts);
            await terminal.Types(text);
            await terminal.Presses("Enter");
        }

        if (shown.EndsWithAQuestion)
        {
            await terminal.HasShown(": leave");
            shown.Matches(terminal.Screen);
            await terminal.Presses("q");
            await terminal.Ends();
        }
        else
        {
            await terminal.Ends();
            await terminal.HasShown("exit status 0");
            shown.Matches(terminal.Screen.Replace("exit status 0\n", ""));
        }
    }

    // The first has made its segment, and waits.
    private async Task InTwoTerminals(Transcript first, Transcript second)
    {
        RunningProgram waiting = Start(first);
        await waiting.Shows("ready ...\n");

        Matches(second, await Start(second).Ends());
        Matches(first, await waiting.Ends());
    }

    private RunningProgram Start(Transcript shown) =>
        Start("/bin/sh", ["-c", "exec 2>&1\n" + shown.Script], variables: [("TMPDIR", Folder), ("LC_ALL", "C.UTF-8")]);

    private static void Matches(Transcript shown, Finished came)
    {
        shown.Matches(came.Output);
        Assert.Equal(0, came.Status);
    }

    // The commands call ./run.sh, and read docs/ and the perl or tar of this machine.
    private async Task PrepareScratchFolder(string page)
    {
        IEnumerable<string> words =
            Transcript.Of(page).SelectMany(shown => shown.Commands).SelectMany(line => line.Split(' '));
        foreach (string tool in words.Where(word => word is "perl" or "tar"))
        {
            Tool.Find(tool);
        }

        File.CreateSymbolicLink(Path.Combine(Folder, "run.sh"), Repository.RunSh);
        (await Run("/bin/cp", ["-r", Path.Combine(Repository.Root, "docs"), Folder])).Printed("");
    }
}
