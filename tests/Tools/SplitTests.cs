using System.Text.RegularExpressions;
using Algorithms.Tests.Harness;
using Mono.Unix.Native;

namespace Algorithms.Tests.Tools;

/// <summary>
/// run.sh split shows both sides and the memory in panes of tmux, and takes everything with it when it ends.
/// </summary>
public sealed class SplitTests : FaultTest
{
    private const string Over = "q closes all panes";

    private static readonly string[] _labels =
    [
        "8-1 controller, 8-3 writer", "8-2 reader", "the segment", "8-4 controller, 8-5 "
            + "producer", "8-6 consumer", "the object",
    ];

    [Theory(Timeout = Limit)]
    [InlineData(80, 24)]
    [InlineData(200, 50)]
    public async Task A_session_is_typed_in_one_pane_and_read_in_another_and_seen_in_a_third(int columns, int lines)
    {
        string path = NewFile();
        await using Terminal terminal = await Split(columns, lines, "8-1", path, "--wait", "futex");
        await terminal.Shows("Enter some text: ");
        await terminal.Shows("nattch 3 with this watch");
        Assert.All(_labels[..3], label => Assert.Contains($"── {label} ─", terminal.Screen));

        await terminal.Types("你好 World");
        await terminal.Presses("Enter");
        await terminal.Shows("You wrote: 你好 World");
        await terminal.Shows("mtext   \"你好 World\\n\"");
        Assert.DoesNotContain("You wrote", Pane(terminal, "8-1 controller"));
        Assert.DoesNotContain("You wrote", Pane(terminal, "the segment"));

        await terminal.Types("end");
        await terminal.Presses("Enter");
        await terminal.Shows($"[split] ended with exit status 0: {Over}");
        await terminal.Shows("was removed, ");
        Assert.Null(SegmentOf(path));

        await terminal.Types("q");
        await terminal.Ends();
        await NothingStays();
    }

    [Fact(Timeout = Limit)]
    public async Task The_readers_output_does_not_interrupt_the_typing()
    {
        await using Terminal terminal =
            await Split(80, 24, "8-1", NewFile(), "--buffer-size", "10", "--reader-delay", "300");
        await terminal.Shows("Enter some text: ");
        await terminal.Types("first");
        await terminal.Presses("Enter");
        await terminal.Shows(
            screen => Regex.IsMatch(screen, @"shared buffer: first\s+Enter some text:"), "the next prompt");
        await terminal.Types("half a li");
        await terminal.Shows("You wrote: first");

        await terminal.Types("ne");

        await terminal.Shows("Enter some text: half a line");
        await terminal.Presses("Enter");
        await terminal.Presses("C-d");
        await Close(terminal);
    }

    [Fact(Timeout = Limit)]
    public async Task Eight_four_streams_what_is_typed_and_shows_the_ring()
    {
        string name = NewName();
        await using Terminal terminal = await Split(100, 40, "8-4", name);
        await terminal.Shows("[split] type lines; Ctrl-D ends");
        await terminal.Shows("0 of 9 full");
        await terminal.Types("一二三");
        await terminal.Presses("Enter");
        await terminal.Shows("in 1   out 1");
        Assert.Contains("一二三", Pane(terminal, "8-6 consumer"));

        await terminal.Presses("C-d");
        await Close(terminal);
        Assert.False(File.Exists(ObjectPath(name)));
    }

    [Fact(Timeout = Limit)]
    public async Task A_session_that_is_over_in_no_time_is_seen_too()
    {
        await using Terminal terminal = await Split(100, 40, "8-4", NewName(), "--mode", "0600");
        await terminal.Shows(Over);
        await terminal.Shows("was removed, ");

        Assert.Contains("produced message: Hello World!", Pane(terminal, "8-4 controller"));
        Assert.Contains("consumed message: Hello World!", Pane(terminal, "8-6 consumer"));
        Assert.Contains("message \"Hello World!\"  12 bytes", Pane(terminal, "the object"));
        await Close(terminal);
    }

    [Theory(Timeout = Limit)]
    [InlineData("--reader", false)]
    [InlineData("--reader", true)]
    public async Task A_reader_of_ones_own_gets_the_pane(string option, bool joined)
    {
        string reader = Peers.Perl("reader");
        await using Terminal terminal = await Split(
            100, 40,
            [
                "8-1", NewFile(), .. joined ? (string[])[$"{option}={reader}"] : [option, reader], "--wait", "futex"
            ]);
        await terminal.Shows("Enter some text: ");
        await terminal.Types("for perl");
        await terminal.Presses("Enter");
        await terminal.Shows("You wrote: for perl");
        Assert.Contains("You wrote: for perl", Pane(terminal, "8-2 reader"));
        Assert.NotEmpty(await PidsOf("perl"));

        await terminal.Types("end");
        await terminal.Presses("Enter");
        await Close(terminal);
    }

    [Theory(Timeout = Limit)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task A_terminal_that_has_no_room_for_the_panes_is_an_error(int lines)
    {
        string path = NewFile();
        await using Terminal terminal = await OpenTerminal(
            80, lines, "env", $"TMPDIR={Folder}", "sh", "-c", $"'{Repository.RunSh}' split 8-1 '{path}' 2> shown");

        await terminal.Ends(status: 1);

        Assert.StartsWith(
            $"split: no space for new pane\nhint: the terminal has {lines} rows and 80 columns; three panes need "
                + "some more\n",
            await File.ReadAllTextAsync(Path.Combine(Folder, "shown"), TestContext.Current.CancellationToken));
        Assert.Null(SegmentOf(path));
        await NothingStays();
    }

    [Fact(Timeout = Limit)]
    public async Task In_a_low_terminal_the_panes_have_a_row_each()
    {
        await using Terminal terminal = await Split(80, 7, "8-1", NewFile());
        await terminal.Shows("Enter some text: ");
        await terminal.Shows(screen => _labels[..3].All(screen.Contains), "the three panes");

        await terminal.Presses("C-c");
        await terminal.Shows("130");
        await terminal.Types("q");
        await terminal.Ends(status: 130);
        await NothingStays();
    }

    [Fact(Timeout = Limit)]
    public async Task A_terminal_that_tmux_cannot_use_is_an_error()
    {
        await using Terminal terminal = await OpenTerminal(
            "env", $"TMPDIR={Folder}", "TERM=dumb", Repository.RunSh, "split", "8-1", NewFile());

        await terminal.Ends(status: 1);
        Assert.Contains("terminal", terminal.Screen);
        await NothingStays();
    }

    [Fact(Timeout = Limit)]
    public async Task A_tmux_that_no_longer_answers_is_not_waited_for()
    {
        string path = NewFile();
        await using Terminal terminal = await Split(80, 24, "8-1", path);
        await Watches(terminal);
        string folder = Directory.EnumerateDirectories(Folder, "alg8-split-*").Single();
        int server = int.Parse(
            await File.ReadAllTextAsync(Path.Combine(folder, "server"), TestContext.Current.CancellationToken), null);

        Send(server, Signum.SIGSTOP);
        Send(
            (await PidsOf("bash " + Path.Combine(Repository.Root, "tools", "split", "split"))).Single(),
            Signum.SIGTERM);

        await terminal.Ends(status: 143);
        await NothingStays();
        Assert.Null(SegmentOf(path));
    }

    [Fact(Timeout = Limit)]
    public async Task An_error_of_the_program_is_the_programs_own()
    {
        await using Terminal terminal = await Split(100, 40, "8-1", NewFile(), "--reader", "/nowhere");

        await terminal.Shows("shmcon: execv(/nowhere): No such file or directory");
        await Close(terminal, status: 1);
    }

    [Fact(Timeout = Limit)]
    public async Task An_interrupt_ends_the_session_and_the_panes_stay()
    {
        string path = NewFile();
        await using Terminal terminal = await Split(80, 24, "8-1", path);
        await terminal.Shows("Enter some text: ");

        await terminal.Presses("C-c");

        await terminal.Shows("[split] ended with exit status 130");
        Assert.Null(SegmentOf(path));
        await Close(terminal, status: 130);
    }

    [Theory(Timeout = Limit)]
    [InlineData("8-1")]
    [InlineData("8-4")]
    public async Task When_the_terminal_is_closed_everything_goes(string program)
    {
        string name = program == "8-1" ? NewFile() : NewName();
        Terminal terminal = await Split(80, 24, program, name);
        await Watches(terminal);

        await terminal.Closes();

        await NothingStays();
        Assert.True(program == "8-1" ? SegmentOf(name) is null : !File.Exists(ObjectPath(name)));
    }

    [Theory(Timeout = Limit)]
    [InlineData(Signum.SIGTERM)]
    [InlineData(Signum.SIGINT)]
    [InlineData(Signum.SIGHUP)]
    public async Task A_signal_to_run_sh_ends_everything(Signum signal)
    {
        string path = NewFile();
        await using Terminal terminal = await Split(80, 24, "8-1", path);
        await Watches(terminal);

        Send((await PidsOf("bash " + Path.Combine(Repository.Root, "tools", "split", "split"))).Single(), signal);

        await terminal.Ends(status: 128 + (int)signal);
        Assert.Null(SegmentOf(path));
        await NothingStays();
    }

    [Fact(Timeout = Limit)]
    public async Task To_detach_ends_everything_too()
    {
        string path = NewFile();
        await using Terminal terminal = await Split(80, 24, "8-1", path);
        await terminal.Shows("Enter some text: ");

        await terminal.Presses("C-b");
        await terminal.Presses("d");

        await terminal.Ends(status: 1);
        Assert.Null(SegmentOf(path));
        await NothingStays();
    }

    [Fact(Timeout = Limit)]
    public async Task The_panes_follow_the_terminals_size()
    {
        await using Terminal terminal = await Split(80, 24, "8-1", NewFile());
        await Watches(terminal);

        await terminal.Resizes(170, 45);
        await terminal.Shows(screen => screen.Split('\n')[0].Contains("── 8-2 reader"), "the reader beside the writer");
        await terminal.Resizes(80, 24);
        await terminal.Shows(
            screen => screen.Split('\n').Any(row => row.StartsWith("── 8-2 reader")), "the reader below the writer");

        await terminal.Presses("C-c");
        await Close(terminal, status: 130);
    }

    [Fact(Timeout = Limit)]
    public async Task Without_tmux_it_says_how_to_get_it() =>
        (await Run(Repository.RunSh, ["split", "8-1"], variables: ("PATH", PathWithout("tmux"))))
            .FailedAtOnce("split: tmux is needed\n", "apt-get install tmux");

    [Fact(Timeout = Limit)]
    public async Task Without_a_terminal_it_says_that_it_needs_one()
    {
        Tool.Find("tmux");
        (await Run(Repository.RunSh, ["split", "8-1"])).FailedAtOnce("split: this needs a terminal");
    }

    [Theory(Timeout = Limit)]
    [InlineData("8-2")]
    [InlineData("watch")]
    public async Task Only_a_controller_can_be_split(string program) =>
        (await Run(Repository.RunSh, ["split", program])).FailedAtOnce(
            $"split: 8-1 and 8-4 can be split, '{program}' cannot\n");

    private Task<Terminal> Split(int columns, int lines, params string[] arguments) =>
        OpenTerminal(columns, lines, ["env", $"TMPDIR={Folder}", Repository.RunSh, "split", .. arguments]);

    // A pane's lines, whether the panes are below or beside each other.
    private static string Pane(Terminal terminal, string label)
    {
        string[] rows = terminal.Screen.Split('\n');
        int top = Array.FindIndex(rows, row => row.Contains($"── {label}"));
        bool isRight = !rows[top].StartsWith($"── {label}", StringComparison.Ordinal);
        return string.Join('\n', rows.Skip(top + 1)
            .TakeWhile(row => !_labels.Any(other => row.StartsWith($"── {other}", StringComparison.Ordinal)))
            .Select(row => row.Split('│') is [var left, var right] ? isRight ? right : left : row));
    }

    private async Task<int[]> PidsOf(string program)
    {
        int[] pids = [];
        await Wait.Until(() => (pids = [.. Now()]).Length > 0, () => program);
        return pids;

        IEnumerable<int> Now() => Ours().Where(process => process.CommandLine.Contains(program))
            .Select(process => int.Parse(process.Id, null));
    }

    private async Task Close(Terminal terminal, int status = 0)
    {
        await terminal.Shows(Over);
        await terminal.Types("q");
        await terminal.Ends(status);
        await NothingStays();
    }

    // None of the programs, of the panes' scripts and of the inner tmux, and no temporary folder.
    private async Task NothingStays()
    {
        string[] parts = ["/bin/alg8-", "/tools/split/", "/alg8-split-"];
        await Wait.Until(
            () => !Ours().Any(process => parts.Any(process.CommandLine.Contains))
                && !Directory.EnumerateFileSystemEntries(Folder, "alg8-split-*").Any(),
            () => $"the end of {string.Join("; ", Ours())}");
    }

    // The controller has the keys: nothing about q.
    private static async Task Watches(Terminal terminal)
    {
        await terminal.Shows(
            screen =>
                Regex.IsMatch(screen, @"^(segment [0-9]+, key|object \S+) .*[0-9:]{8} *$", RegexOptions.Multiline),
            "the watch");
        Assert.DoesNotContain("q leaves", terminal.Screen);
    }
}
