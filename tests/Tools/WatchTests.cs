using System.Text;
using System.Text.RegularExpressions;
using Algorithms.Tests.Harness;
using Mono.Unix.Native;
using Spectre.Console;

namespace Algorithms.Tests.Tools;

/// <summary>
/// run.sh watch shows what the kernel knows of a segment or an object and what is in it, at a terminal and elsewhere.
/// </summary>
public sealed partial class WatchTests : FaultTest
{
    private const char Escape = '\e';

    [Fact(Timeout = Limit)]
    public async Task Once_it_prints_what_the_kernel_knows_and_the_slot_without_control_codes()
    {
        string path = NewFile();
        RunningProgram run = Start(Alg8.Shmcon, [path, "--wait", "futex"]);
        await run.Shows("Enter some text: ");
        await run.Types("Hello World!\n");
        await run.Shows("You wrote: Hello World!\n");
        SegmentEntry segment = SegmentOf(path)!;
        int reader = await PidOf(Alg8.Shmread), writer = await PidOf(Alg8.Shmwrite);

        Finished watch = await Run(Alg8.Tools, ["watch", path, "--once"]);
        await run.Types("end\n");

        Assert.Matches($"^segment {segment.Id}, key 0x{segment.Key:x8} +[0-9:]{{8}}\n", watch.Output);
        string facts = watch.Output.ReplaceLineEndings(" ");
        Assert.Contains($"owner {Environment.UserName} ", facts);
        Assert.Contains("mode 0666   size 4100   nattch 3 with this watch", facts);
        Assert.Contains($"creator {run.Id} alg8-1-shmcon ", facts);
        Assert.Matches($"last user {writer} alg8-3-shmwrite ", facts);
        Assert.Contains($"{reader} alg8-2-shmread", facts);
        Assert.Matches("attached [0-9:]{8}.* detached [0-9:]{8}.* changed [0-9:]{8}", facts);
        Assert.Contains(
            "\nwritten 0  writable: the writer's turn\nmtext   \"Hello World!\\n\"  13 bytes\n", watch.Output);
        Assert.Contains("\n0000 00 00 00 00 48 65 6c 6c 6f 20 57 6f 72 6c 64 21  ....Hello World!\n", watch.Output);
        Plain(watch);
        (await run.Ends()).Printed(new Slide(segment.Key, run.Output).Session("Hello World!\n", "end\n"));
    }

    [Fact(Timeout = Limit)]
    public async Task Once_it_draws_the_ring_with_in_and_out_and_how_many_are_full()
    {
        Finished watch = await Run(Alg8.Tools, ["watch", NewRing(10, @in: 3, @out: 8, text: "项目{0}\n"), "--once"]);

        Assert.Contains(
            """
            5 of 9 full   in 3   out 8
                                 in ▼
            ┌──────┬──────┬──────┬──────┬──────┬──────┬──────┬──────┬──────┬──────┐
            │■项目0│■项目1│■项目2│      │      │      │      │      │■项目8│■项目9│
            └──0───┴──1───┴──2───┴──3───┴──4───┴──5───┴──6───┴──7───┴──8───┴──9───┘
                                                                   out ▲
            next   "项目8\n"

            """,
            Utf8(watch.Output));
        Plain(watch);
    }

    [Theory(Timeout = Limit)]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(200)]
    public async Task A_ring_with_more_places_than_columns_shows_those_around_in_and_out(int columns)
    {
        string name = NewRing(1024, @in: 700, @out: 300, text: "{0}");

        Finished watch = await Run(Alg8.Tools, ["watch", name, "--once"], variables: ("COLUMNS", $"{columns}"));

        string[] lines = Utf8(watch.Output).Split('\n');
        Assert.All(lines, line => Assert.True(line.GetCellWidth() <= columns, line));
        Assert.Contains("400 of 1023 full   in 700   out 300", lines);
        string numbers = lines.Single(line => line.StartsWith('└')), boxes = lines.Single(line => line.StartsWith('│'));
        Assert.Matches("300─.*699─.*700─", numbers);
        Assert.Equal('■', boxes[numbers.IndexOf("300", StringComparison.Ordinal) / Box(numbers) * Box(numbers) + 1]);
        Assert.Equal(' ', boxes[numbers.IndexOf("700", StringComparison.Ordinal) / Box(numbers) * Box(numbers) + 1]);

        static int Box(string numbers) => numbers.IndexOf('┴');
    }

    [Theory(Timeout = Limit)]
    [InlineData(-1, 0)]
    [InlineData(0, 10)]
    [InlineData(int.MaxValue, int.MinValue)]
    public async Task An_index_that_cannot_be_is_told(int @in, int @out)
    {
        Finished watch = await Run(Alg8.Tools, ["watch", NewRing(10, @in, @out, text: ""), "--once"]);

        Assert.Contains($"\nin {@in}, out {@out}: not positions in a buffer of 10\n", watch.Output);
        Plain(watch);
    }

    [Fact(Timeout = Limit)]
    public async Task What_would_move_the_cursor_or_mark_up_text_is_shown_as_it_is()
    {
        byte[] message = new byte[SegmentEntry.LectureSize];
        "[red]a\e[2J\a\u202e\u009b \xff\\"u8.CopyTo(message);
        byte[] invalid = [0xff, 0xc3, .. "内存"u8];
        invalid.CopyTo(message, Array.IndexOf(message, (byte)0));

        Finished watch = await Run(Alg8.Tools, ["watch", NewObject(message), "--once"]);

        Assert.Contains("message \"[red]a\\x1b[2J\\x07\\u202e\\u009b \u00ff\\\\\\xff\\xc3内存\"", Utf8(watch.Output));
        Plain(watch);
    }

    [Fact(Timeout = Limit)]
    public async Task On_a_terminal_that_can_do_nothing_the_choice_is_a_plain_list()
    {
        string name = NewObject();
        await using Terminal terminal = await OpenTerminal("env", "TERM=dumb", Alg8.Tools, "watch");

        await terminal.Ends();

        await terminal.HasShown(screen => screen.Contains(name) && screen.Contains("hint: name one of them"));
    }

    [Theory(Timeout = Limit)]
    [InlineData("watch", Signum.SIGTERM)]
    [InlineData("watch", Signum.SIGINT)]
    [InlineData("grade", null)]
    public async Task The_terminals_keypad_mode_is_left_alone(string command, Signum? signal)
    {
        string log = NewPath(), name = NewObject();
        string run = command == "grade" ? $"'{Alg8.Tools}' grade /nowhere" : $"exec '{Alg8.Tools}' watch {name}";
        RunningProgram script = Start(Tool.Find("script"), ["-qfc", run, log], variables: ("TERM", "xterm-256color"));
        if (signal is { } end)
        {
            await script.Shows("\e[?1049h");
            Send(await PidOf(Alg8.Tools), end);
        }

        await script.IsGone();

        string screen = await File.ReadAllTextAsync(log, TestContext.Current.CancellationToken);
        Assert.DoesNotContain("\e[?1h", screen);
        Assert.DoesNotContain("\e=", screen);
    }

    [Fact(Timeout = Limit)]
    public async Task Key_shmid_name_and_path_are_understood()
    {
        SegmentEntry segment = await NewSegment();
        string name = NewObject(), path = NewFile();
        await Creator(path);

        await Shows($"{segment.Key:x}", $"segment {segment.Id}, ");
        await Shows($"0x{segment.Key:x}", $"segment {segment.Id}, ");
        await Shows($"{segment.Id}", $"segment {segment.Id}, ");
        await Shows(name, $"object {ObjectPath(name)} ");
        await Shows("/" + name, $"object {ObjectPath(name)} ");
        await Shows(ObjectPath(name), $"object {ObjectPath(name)} ");
        await Shows(path, $"segment {SegmentOf(path)!.Id}, key 0x{SegmentOf(path)!.Key:x8} ");
        await Run(Tool.Find("ipcrm"), ["-m", $"{SegmentOf(path)!.Id}"]);

        async Task Shows(string argument, string title) =>
            Assert.StartsWith(title, (await Run(Alg8.Tools, ["watch", argument, "--once"])).Output);
    }

    [Fact(Timeout = Limit)]
    public async Task What_is_not_there_is_an_error_that_tells_what_was_tried()
    {
        string key = NewKey(), name = NewName(), path = NewFile();

        (await Run(Alg8.Tools, ["watch", key])).FailedAtOnce(
            $"nothing to watch is called '{key}'", "no segment has the key "
                + $"0x{key.PadLeft(8, '0')}", $"there is no /dev/shm/{key}");
        (await Run(Alg8.Tools, ["watch", name])).FailedAtOnce(
            $"there is no /dev/shm/{name}", "as a file: No such file or directory");
        (await Run(Alg8.Tools, ["watch", path])).FailedAtOnce(
            $"as a file: no segment has its key, 0x{SegmentEntry.KeyOf(path):x8}");
    }

    [Theory(Timeout = Limit)]
    [InlineData(80, 24)]
    [InlineData(200, 50)]
    [InlineData(40, 20)]
    [InlineData(20, 6)]
    public async Task At_a_terminal_the_picture_fits_and_q_gives_the_terminal_back(int columns, int lines)
    {
        await using Terminal terminal =
            await OpenTerminal(columns, lines, Alg8.Tools, "watch", NewRing(10, 6, 1, "内存[red]{0}\n"));

        await terminal.Shows("q leaves");
        Fits(terminal.Screen, columns, lines);
        Assert.Contains("owner ", terminal.Screen);
        if (lines >= 20)
        {
            await terminal.Shows(screen => screen.Contains("\n0000 06 00 00 00 "), "the first bytes"); // drawn last
            Assert.Contains("5 of 9 full", terminal.Screen);
            string[] screen = terminal.Screen.Split('\n');
            int boxes = Array.FindIndex(screen, line => line.StartsWith('┌'));
            Assert.All(
                screen[boxes..(boxes + 3)],
                line => Assert.Equal(screen[boxes].TrimEnd().GetCellWidth(), line.TrimEnd().GetCellWidth()));
        }

        await terminal.Types("q");
        await terminal.Ends();
        Assert.Equal("exit status 0\n", terminal.Screen);
    }

    [Fact(Timeout = Limit)]
    public async Task The_picture_follows_the_terminals_size()
    {
        await using Terminal terminal = await OpenTerminal(80, 24, Alg8.Tools, "watch", NewRing(10, 6, 1, "{0}"));
        await terminal.Shows("q leaves");

        foreach ((int columns, int lines) in ((int, int)[])[(200, 50), (40, 12), (120, 30)])
        {
            await terminal.Resizes(columns, lines);
            await terminal.Shows(
                screen => screen.Split('\n')[0] is { } row && row.Length == columns && row.EndsWith("q leaves"),
                $"a title of {columns} columns");
            Fits(terminal.Screen, columns, lines);
            Assert.Contains("5 of 9 full", terminal.Screen);
        }

        await terminal.Types("q");
        await terminal.Shows("exit status 0");
    }

    [Fact(Timeout = Limit)]
    public async Task A_change_is_seen_and_the_changed_bytes_are_marked()
    {
        string name = NewObject();
        await using Terminal terminal = await OpenTerminal(80, 24, Alg8.Tools, "watch", name);
        await terminal.Shows("message \"\"");

        await Run(Alg8.Shmproducer, [name, "new"]);

        await terminal.Shows("0000*6e*65*77 00 ");
        Assert.Contains("message \"new\"  3 bytes", terminal.Screen);
        await terminal.Shows("0000 6e 65 77 00 ");
        await terminal.Types("q");
        await terminal.Ends();
    }

    [Fact(Timeout = Limit)]
    public async Task An_interrupt_gives_the_terminal_back_too()
    {
        await using Terminal terminal = await OpenTerminal(Alg8.Tools, "watch", NewObject());
        await terminal.Shows("q leaves");

        await terminal.Presses("C-c");

        await terminal.Ends(status: 130);
    }

    [Fact(Timeout = Limit)]
    public async Task Ctrl_Z_gives_the_shell_its_screen_and_its_settings_and_fg_takes_them_again()
    {
        string name = NewRing(10, 6, 1, "{0}");
        await using Terminal terminal = await OpenTerminal(80, 24, Tool.Find("dash", "sh"), "-i");
        await TypesLine($"'{Alg8.Tools}' watch '{name}'");
        await terminal.Shows("q leaves");

        await terminal.Presses("C-z");
        await terminal.Shows("Stopped");
        // A terminal that is read by lines: +icanon
        await TypesLine("stty -a | grep -o '[-[:space:]]icanon' | tr ' ' +");
        await terminal.Shows(screen => Regex.IsMatch(screen, "^[+-]icanon", RegexOptions.Multiline), "icanon");
        Assert.Matches(new Regex("^[+]icanon", RegexOptions.Multiline), terminal.Screen);
        await TypesLine("fg");
        await terminal.Shows("q leaves");
        await terminal.Types("q");
        await terminal.Shows(screen => !screen.Contains("q leaves"), "the shell's screen");

        await TypesLine("exit $?");
        await terminal.Ends();

        async Task TypesLine(string line)
        {
            await terminal.Types(line);
            await terminal.Presses("Enter");
        }
    }

    [Theory(Timeout = Limit)]
    [InlineData("", true)]
    [InlineData("1", false)]
    public async Task Colours_are_for_terminals_and_not_where_NO_COLOR_asks_for_none(string noColor, bool colours)
    {
        await using Terminal terminal =
            await OpenTerminal("env", $"NO_COLOR={noColor}", Alg8.Tools, "watch", NewRing(10, 6, 1, "{0}"));
        await terminal.Shows("q leaves");

        Assert.Equal(colours, Colour().IsMatch(await terminal.ScreenWithColours()));

        await terminal.Types("q");
        await terminal.Ends();
    }

    [Fact(Timeout = Limit)]
    public async Task When_the_segment_goes_its_last_picture_and_a_last_line_stay()
    {
        SegmentEntry segment = await NewSegment();
        await using Terminal terminal = await OpenTerminal(80, 24, Alg8.Tools, "watch", $"{segment.Id}");
        await terminal.Shows("q leaves");

        await Run(Tool.Find("ipcrm"), ["-m", $"{segment.Id}"]);

        await terminal.Ends();
        Assert.Contains("written 0", terminal.Screen);
        Assert.Matches(
            $"\nsegment {segment.Id}, key 0x{segment.Key:x8} was removed, [0-9:]+\nexit status 0\n$", terminal.Screen);
        Assert.Null(SegmentEntry.Find(segment.Id));
    }

    [Theory(Timeout = Limit)]
    [InlineData("rm {0}", "was removed")]
    [InlineData("mv {0} {0}.old; truncate -s 4100 {0}; rm {0}.old", "was removed; another one has its name now")]
    public async Task When_the_object_goes_it_says_so_and_ends(string command, string says)
    {
        string name = NewObject();
        RunningProgram watch = Start(Alg8.Tools, ["watch", name]);
        await watch.Shows("message \"\"");

        await Run("/bin/sh", ["-c", string.Format(null, command, ObjectPath(name))]);

        Finished finished = await watch.IsGone();
        Assert.Matches($"\nobject {ObjectPath(name)} {says}, [0-9:]+\n$", finished.Output);
        Plain(finished);
    }

    [Fact(Timeout = Limit)]
    public async Task An_object_that_is_cut_while_it_is_watched_is_shown_as_it_is()
    {
        string name = NewRing(1024, 700, 300, "{0}");
        RunningProgram watch = Start(Alg8.Tools, ["watch", name]);
        await watch.Shows("400 of 1023 full");

        await Run("/bin/sh", ["-c", $"truncate -s 3 {ObjectPath(name)}"]);
        await watch.Shows("size 3 ");
        File.Delete(ObjectPath(name));

        Plain(await watch.IsGone());
    }

    [Fact(Timeout = Limit)]
    public async Task Redirected_it_prints_a_plain_picture_for_each_change_and_none_in_between()
    {
        SegmentEntry segment = await NewSegment();
        RunningProgram watch = Start(Alg8.Tools, ["watch", segment.Hex]);
        await watch.Shows("mtext   \"\"");
        const string Poke = "shmwrite($ARGV[0], pack('ia*', 1, \"new\\n\"), 0, 8) or die";

        await Run(Tool.Find("perl"), ["-e", Poke, $"{segment.Id}"]);
        await watch.Shows("written 1  readable: the reader's turn\nmtext   \"new\\n\"  4 bytes");
        await Run(Tool.Find("ipcrm"), ["-m", $"{segment.Id}"]);

        Finished finished = await watch.IsGone();
        Plain(finished);
        Assert.InRange(finished.Output.Split("\nwritten 1").Length - 1, 1, 3); // perl comes, writes, and goes
    }

    [Fact(Timeout = Limit)]
    public async Task Without_an_argument_it_lists_the_suites_segments_and_objects_and_no_others()
    {
        Tool.Find("perl");
        Finished run = await RunApart(
            $$"""
            mount -t tmpfs tmpfs /dev/shm
            make() { perl -e 'defined shmget(hex $ARGV[0], $ARGV[1], 01666) or die $!' "$@"; }
            make 27000001 4100; make 27000002 41792; make 28000003 4100; make 27000004 4096; make 28000005 4096
            truncate -s 4100 /dev/shm/single; truncate -s 41792 /dev/shm/zeros; echo other > /dev/shm/other
            '{{Alg8.Shmpthreadcon}}' ring --stream </dev/zero >/dev/null & controller=$!
            until [ "$(stat -c %s /dev/shm/ring)" = 41792 ]; do :; done 2>/dev/null; sleep 0.2
            '{{Repository.RunSh}}' watch; echo "status $?"; kill $controller; wait
            """,
            "true");

        Assert.Equal(
            $"""
            0x27000001   segment 0, a single slot, owner root, nattch 0
            0x27000002   segment 1, a queue of 10, owner root, nattch 0
            0x28000003   segment 2, a single slot, owner root, nattch 0
            0x27000004   segment 3, 4096 bytes, no size of the suite's, owner root, nattch 0
            /dev/shm/ring   object, a bounded buffer of 10, owner root
            /dev/shm/single   object, a single message, owner root
            status 0

            """,
            run.Output);
        Assert.Contains($"hint: name one of them: {Repository.RunShQuoted} watch 0x27000001\n", run.Error);
    }

    [Fact(Timeout = Limit)]
    public async Task At_a_terminal_one_of_the_list_is_chosen()
    {
        await using Terminal terminal = await OpenTerminal(
            await Apart(
                "mount -t tmpfs tmpfs /dev/shm && truncate -s 4100 /dev/shm/first /dev/shm/[red]second", Alg8.Tools,
                "watch"));
        await terminal.Shows("none of them");

        await terminal.Presses("Down");
        await terminal.Shows("> /dev/shm/first");
        await terminal.Presses("Enter");

        await terminal.Shows("object /dev/shm/first ");
        await terminal.Types("q");
        await terminal.Ends();
    }

    [Fact(Timeout = Limit)]
    public async Task Where_there_is_nothing_it_says_so() =>
        (await RunApart("mount -t tmpfs tmpfs /dev/shm", Repository.RunSh, "watch"))
            .Printed("nothing to watch: there is no segment and no object of the suite\n");

    // ---- it disturbs no other program

    [Fact(Timeout = Limit)]
    public async Task It_attaches_a_segment_for_reading_only_and_maps_no_object()
    {
        SegmentEntry segment = await NewSegment();
        string name = NewObject();
        RunningProgram ofSegment =
            Start(Alg8.Tools, ["watch", segment.Hex]), ofObject = Start(Alg8.Tools, ["watch", name]);
        await ofSegment.Shows("mtext");
        await ofObject.Shows("message");

        Assert.Matches($"r--s .* {segment.Id} +/SYSV", File.ReadAllText($"/proc/{ofSegment.Id}/maps"));
        Assert.DoesNotMatch("rw-s .*/SYSV", File.ReadAllText($"/proc/{ofSegment.Id}/maps"));
        Assert.False(LiveProcess.HasMapped(ofObject.Id, name));

        await End(ofSegment);
        await End(ofObject);
    }

    [Theory(Timeout = Limit)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_death_of_a_peer_is_told_as_soon_as_without_it(bool killReader)
    {
        SegmentEntry segment = await NewSegment();
        RunningProgram reading = Start(Alg8.Shmread, [segment.Hex]), writing = Start(Alg8.Shmwrite, [segment.Hex]);
        (RunningProgram victim, RunningProgram other) = killReader ? (reading, writing) : (writing, reading);
        RunningProgram watch = Start(Alg8.Tools, ["watch", segment.Hex]);
        await watch.Shows("nattch 3 with this watch");
        await writing.Types("Hello World!\n");
        await writing.Shows("Enter some text: ", times: 2);

        Send(victim.Id, Signum.SIGKILL);

        (await other.IsGone()).Failed($", pid {victim.Id}) is gone");
        await End(watch);
    }

    [Fact(Timeout = Limit)]
    public async Task A_watched_leftover_is_taken_over_and_the_watch_tells_that_it_went()
    {
        string path = NewFile();
        await Creator(path);
        SegmentEntry left = SegmentOf(path)!;
        RunningProgram watch = Start(Alg8.Tools, ["watch", path]);
        await watch.Shows("nattch 1 with this watch");

        Finished run = await Run(Alg8.Shmcon, [path, "--wait", "futex"], "Hello World!\n");

        Assert.Equal(new Slide(left.Key, run.Output).Session("Hello World!\n", "end\n"), run.Output);
        Assert.Contains("took over the segment", run.Error);
        Assert.Contains($"segment {left.Id}, key 0x{left.Key:x8} was removed, ", (await watch.IsGone()).Output);
    }

    [Fact(Timeout = Limit)]
    public async Task A_leftover_that_another_program_reads_is_refused_though_it_is_watched_too()
    {
        string path = NewFile();
        await Creator(path);
        SegmentEntry left = SegmentOf(path)!;
        const string Attach =
            "syscall(0 + $ARGV[1], 0 + $ARGV[0], 0, 010000) > 0 or die; print \"attached\\n\"; <STDIN>";
        string number = System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture
            is System.Runtime.InteropServices.Architecture.X64 ? "30" : "196"; // SYS_shmat
        RunningProgram reads = Start(Tool.Find("perl"), ["-e", "$| = 1; " + Attach, $"{left.Id}", number]);
        await reads.Shows("attached\n");
        RunningProgram watch = Start(Alg8.Tools, ["watch", path]);
        await watch.Shows("nattch 2 with this watch");

        (await Run(Alg8.Shmcon, [path])).Failed("shmcon: shmget(): File exists\n", "nattch 2");

        await End(watch);
        await reads.Ends();
        await Run(Tool.Find("ipcrm"), ["-m", $"{left.Id}"]);
    }

    [Fact(Timeout = Limit)]
    public async Task A_watched_session_prints_what_it_prints_without()
    {
        string path = NewFile();
        RunningProgram run = Start(Alg8.Shmcon, [path, "--wait", "futex"]);
        await run.Shows("Enter some text: ");
        RunningProgram watch = Start(Alg8.Tools, ["watch", path]);
        await watch.Shows("nattch 3 with this watch");

        await run.Types("end\n");

        (await run.Ends()).Printed(new Slide(SegmentEntry.KeyOf(path), run.Output).Session("end\n"));
        Assert.Contains("was removed, ", (await watch.IsGone()).Output);
    }

    [Fact(Timeout = Limit)]
    public async Task The_orphans_of_a_killed_controller_remove_a_watched_segment_and_object()
    {
        string path = NewFile(), name = NewName();
        RunningProgram[] runs =
        [
            await StartGroup(
                Alg8.Shmcon, path, "--wait", "futex"), await StartGroup(Alg8.Shmpthreadcon, name, "--stream"),
        ];
        await runs[0].Shows("Enter some text: ");
        await Wait.Until(() => FindPid(Alg8.Shmconsumer) != 0, () => "the consumer");
        RunningProgram[] watches = [Start(Alg8.Tools, ["watch", path]), Start(Alg8.Tools, ["watch", name])];
        await watches[0].Shows("nattch 3");
        await watches[1].Shows("0 of 9 full");

        Array.ForEach(runs, run => Send(run.Id, Signum.SIGKILL));

        foreach (RunningProgram watch in watches)
            Assert.Contains("was removed, ", (await watch.IsGone()).Output);
        Assert.Null(SegmentOf(path));
        Assert.False(File.Exists(ObjectPath(name)));
        await AllGone();
    }

    [Fact(Timeout = Limit)]
    public async Task A_watched_leftover_object_is_taken_over_each_time()
    {
        string name = NewObject();
        await Often(10, async _ =>
        {
            await File.WriteAllBytesAsync(
                ObjectPath(name), new byte[SegmentEntry.LectureSize], TestContext.Current.CancellationToken);
            RunningProgram watch = Start(Alg8.Tools, ["watch", name]);
            await watch.Shows("message \"\"");

            Finished run = await Run(Alg8.Shmpthreadcon, [name]);

            Assert.Contains("took over", run.Error);
            Assert.Equal(0, run.Status);
            Assert.Contains("was removed", (await watch.IsGone()).Output);
        });
    }

    private static async Task End(RunningProgram watch)
    {
        Send(watch.Id, Signum.SIGTERM);
        Plain(await watch.IsGone(), status: 143);
    }

    // Nothing that a terminal would obey, but newlines.
    private static void Plain(Finished run, int status = 0)
    {
        Assert.DoesNotContain(Utf8(run.Output), c => c is not '\n' && (char.IsControl(c) || c == '\u202e'));
        Assert.DoesNotContain(Escape, run.Output);
        Assert.Equal("", run.Error);
        Assert.Equal(status, run.Status);
    }

    private static void Fits(string screen, int columns, int lines)
    {
        string[] rows = screen.TrimEnd('\n').Split('\n');
        Assert.InRange(rows.Length, 1, lines);
        Assert.All(rows, row => Assert.True(row.GetCellWidth() <= columns, row));
        Assert.Contains("q leaves", rows[0]);
    }

    // A bounded buffer as another program would lay it out: docs/alg8_buffer.h.
    private string NewRing(int bufferSize, int @in, int @out, string text)
    {
        const int ItemSize = 4160, TextSize = 4096;

        byte[] bytes = new byte[192 + (bufferSize * ItemSize)];
        void Store(int offset, int value) => BitConverter.TryWriteBytes(bytes.AsSpan(offset), value);
        (int Offset, int Value)[] header = [(0, @in), (64, @out), (128, bufferSize), (132, TextSize)];
        Array.ForEach(header, field => Store(field.Offset, field.Value));
        for (int i = 0; i < bufferSize; i++)
        {
            byte[] item = Encoding.UTF8.GetBytes(string.Format(null, text, i));
            Store(192 + (i * ItemSize), item.Length);
            item.CopyTo(bytes, 192 + (i * ItemSize) + 4);
        }

        return NewObject(bytes);
    }

    private static string Utf8(string output) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(output));

    [GeneratedRegex("\e\\[([0-9]+;)*3[0-7]m")]
    private static partial Regex Colour();
}
