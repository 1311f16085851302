using System.Text.RegularExpressions;
using Algorithms.Linux;
using Algorithms.Tests.Harness;
using Mono.Unix.Native;

namespace Algorithms.Tests.Trace;

/// <summary>--step: the programs stop before each call, one at a time, and explain what it will do.</summary>
public sealed class StepTests : SharedMemoryTest
{
    private const string Keys = "Enter: go on   c: run on   q: leave";
    private const string ChineseKeys = "回车：执行这一步   c：一直运行   q：退出";

    [Fact(Timeout = Limit)]
    public async Task Enter_goes_from_call_to_call_through_controller_and_children()
    {
        string name = NewName();
        await using Terminal terminal = await OpenTerminal(Alg8.Shmpthreadcon, name, "--step");

        // Eight calls of the controller and two of each child; whose turn it is after the second spawn is luck.
        for (int stop = 1; stop <= 12; stop++)
        {
            await terminal.HasShown(Keys, times: stop);
            Assert.Equal(stop, Regex.Count(terminal.Screen, Regex.Escape(Keys)));
            await terminal.Presses("Enter");
        }

        await terminal.Ends();
        await terminal.HasShown(Keys, times: 12);
        string screen = terminal.Screen;
        string open = $@"\[con [0-9]+\] shm_open\(""{name}"", O_RDWR\|O_CREAT\|O_EXCL, 0666\)";
        Assert.Matches($@"{open}   \[8-4\.1 create\]\n    Creates the object", screen);
        Assert.Matches(
            $@"\[con [0-9]+\] shm_open\(""{name}"", O_RDWR\|O_CREAT\|O_EXCL, 0666\) = [0-9]+   \[8-4\.1 create\]\n",
            screen);
        Assert.Matches(@"\[producer [0-9]+\] mmap\(.*\)   \[8-5 map\]\n    Maps the object", screen);
        Assert.Matches(@"\[consumer [0-9]+\] mmap\(.*\)   \[8-6 map\]\n    Maps the object", screen);
        Assert.Contains("produced message: Hello World!\n", screen);
        Assert.Contains("consumed message: Hello World!\n", screen);
    }

    [Fact(Timeout = Limit)]
    public async Task Ctrl_Z_gives_the_shell_its_terminal_and_fg_asks_again()
    {
        await using Terminal terminal = await OpenTerminal(Tool.Find("dash", "sh"), "-i");
        await TypesLine($"'{Alg8.Shmcon}' --step '{NewFile()}'");
        await terminal.HasShown(Keys);

        await terminal.Presses("C-z");
        await terminal.HasShown("Stopped");
        // A terminal that is read by lines: +icanon
        await TypesLine("stty -a | grep -o '[-[:space:]]icanon' | tr ' ' +");
        await terminal.HasShown(screen => Regex.IsMatch(screen, "^[+-]icanon", RegexOptions.Multiline));
        Assert.Matches(new Regex("^[+]icanon", RegexOptions.Multiline), terminal.Screen);
        await TypesLine("fg");
        await terminal.HasShown(Keys, times: 2);
        await terminal.Presses("Enter");
        await terminal.HasShown(Keys, times: 3);
        await terminal.Presses("q");
        await terminal.Presses("Enter"); // as out of habit: the shell does not get it

        await TypesLine("exit $?");
        await terminal.Ends();

        async Task TypesLine(string line)
        {
            await terminal.Types(line);
            await terminal.Presses("Enter");
        }
    }

    [Fact(Timeout = Limit)]
    public async Task On_a_queue_the_sentences_speak_of_the_queue()
    {
        await using Terminal terminal = await OpenTerminal(
            "sh", "-c", $"seq 3 | '{Alg8.Shmcon}' --step --buffer-size 2 --wait futex '{NewFile()}'");
        for (int stop = 1; !terminal.Screen.Contains("[8-1.4 remove]\n    Removes"); stop++)
        {
            await terminal.HasShown(Keys, times: stop);
            await terminal.Presses("Enter");
        }

        await terminal.Ends();
        await terminal.HasShown("exit status 0");
        Assert.Matches(
            @"\[shmwrite [0-9]+\] futex\(.*FUTEX_WAIT, .*\)   \[Producer wait\]\n    The queue is full",
            terminal.Screen);
        Assert.Matches(
            @"\[shmread [0-9]+\] futex\(.*FUTEX_WAIT, .*\)   \[Consumer wait\]\n    The queue is empty",
            terminal.Screen);
        Assert.DoesNotContain("written", terminal.Screen);
    }

    [Fact(Timeout = Limit)]
    public async Task Who_reads_what_is_typed_is_not_disturbed_and_the_keys_are_not_its_input()
    {
        string path = NewFile();
        await using Terminal terminal = await OpenTerminal(Alg8.Shmcon, path, "--step", "--wait", "futex");

        int stop = 0;
        await StepUntil("Enter some text: ");
        await terminal.Types("Hello");
        await terminal.Presses("Enter");
        await StepUntil("You wrote: Hello\n");
        await terminal.HasShown(Keys, times: stop + 1);
        await terminal.Presses("c");
        await terminal.HasShown("Enter some text: ", times: 2);
        await terminal.Types("end");
        await terminal.Presses("Enter");
        await terminal.Ends();

        await terminal.HasShown("exit status 0");
        MatchCollection texts = Regex.Matches(terminal.Screen, "You wrote: (.*)\n");
        Assert.Equal(["Hello", "end"], texts.Select(match => match.Groups[1].Value));

        // Presses Enter at each stop, until the text is there.
        async Task StepUntil(string text)
        {
            while (true)
            {
                await terminal.HasShown(
                    screen => screen.Contains(text) || Regex.Count(screen, Regex.Escape(Keys)) > stop);
                if (terminal.Screen.Contains(text))
                {
                    return;
                }

                stop++;
                await terminal.Presses("Enter");
            }
        }
    }

    [Fact(Timeout = Limit)]
    public async Task C_runs_on_to_the_end_also_where_standard_input_is_no_terminal()
    {
        string path = NewFile();
        await using Terminal terminal = await OpenTerminal(
            "sh", "-c", $"printf 'from a pipe\\nend\\n' | '{Alg8.Shmcon}' '{path}' --step --wait spin");

        await terminal.HasShown(Keys);
        await terminal.Presses("Enter");
        await terminal.HasShown(Keys, times: 2);
        await terminal.Presses("c");
        await terminal.Ends();

        await terminal.HasShown("You wrote: from a pipe\n");
        Assert.Equal(2, Regex.Count(terminal.Screen, Regex.Escape(Keys)));
        Assert.DoesNotContain("shmctl", terminal.Screen); // without --trace, it runs on in silence
    }

    [Fact(Timeout = Limit)]
    public async Task Where_trace_was_asked_for_too_it_goes_on_after_c()
    {
        await using Terminal terminal = await OpenTerminal(Alg8.Shmpthreadcon, NewName(), "--step", "--trace");

        await terminal.HasShown(Keys);
        await terminal.Presses("c");
        await terminal.Ends();

        await terminal.HasShown("[8-4.2 remove]\n");
        Assert.Equal(1, Regex.Count(terminal.Screen, Regex.Escape(Keys)));
        Assert.Equal(1, Regex.Count(terminal.Screen, Regex.Escape("[8-4.2 remove]")));
    }

    [Theory(Timeout = Limit)]
    [InlineData("[shmcon ")]
    [InlineData("[shmread ")]
    public async Task Q_leaves_cleanly_in_the_controller_and_in_a_child(string who)
    {
        string path = NewFile();
        await using Terminal terminal = await OpenTerminal(Alg8.Shmcon, path, "--step");

        await StepUntil(
            terminal,
            () =>
                SegmentEntry.Find(SegmentEntry.KeyOf(path)) is not null
                    && LastStop(terminal).StartsWith(who, StringComparison.Ordinal));

        await terminal.Presses("q");
        await terminal.Ends(status: 0);

        Assert.Null(SegmentEntry.Find(SegmentEntry.KeyOf(path)));
        await terminal.HasShown("removed\n");
        Assert.DoesNotContain("SIG", terminal.Screen);
    }

    [Fact(Timeout = Limit)]
    public async Task After_the_death_of_a_child_at_its_question_the_terminal_is_as_it_was()
    {
        string path = NewFile();
        await using Terminal terminal = await OpenTerminal(Alg8.Shmcon, path, "--step", "--wait", "futex");
        await StepUntil(terminal, () => LastStop(terminal).StartsWith("[shmread ", StringComparison.Ordinal));

        Kill("[shmread ", terminal);
        await terminal.HasShown("[shmcon ");
        await terminal.HasShown(
            screen =>
                LastStop(screen).StartsWith("[shmcon ", StringComparison.Ordinal) || screen.Contains("exit status"));
        await terminal.Presses("c");

        await terminal.Ends(status: 1);
    }

    [Fact(Timeout = Limit)]
    public async Task A_controller_that_is_killed_before_its_reader_has_attached_leaves_no_segment()
    {
        string path = NewFile();
        await using Terminal terminal = await OpenTerminal(Alg8.Shmcon, path, "--step");
        await StepUntil(terminal, () => LastStop(terminal).StartsWith("[shmread ", StringComparison.Ordinal));

        Kill("[shmcon ", terminal);
        await terminal.HasShown("removed for the controller\n");

        Assert.Null(SegmentEntry.Find(SegmentEntry.KeyOf(path)));
    }

    private static void Kill(string who, Terminal terminal) =>
        _ = Syscall.kill(
            int.Parse(Regex.Match(terminal.Screen, Regex.Escape(who) + "([0-9]+)").Groups[1].Value, null),
            Signum.SIGKILL);

    [Fact(Timeout = Limit)]
    public async Task A_reader_by_hand_leaves_the_segment_as_it_found_it()
    {
        SegmentEntry segment = await NewSegment();
        await using Terminal terminal = await OpenTerminal(Alg8.Shmread, segment.Hex, "--step");

        await terminal.HasShown("[8-2.1 find]");
        await terminal.Presses("Enter");
        await terminal.HasShown("[8-2.1 attach]");
        await terminal.Presses("C-d"); // as good as q
        await terminal.Ends(status: 0);

        Assert.Equal(segment, SegmentEntry.Find(segment.Id));
    }

    [Fact(Timeout = Limit)]
    public async Task An_interrupt_at_a_stop_ends_all_and_the_terminal_is_as_it_was()
    {
        string path = NewFile();
        await using Terminal terminal = await OpenTerminal(Alg8.Shmcon, path, "--step");

        for (int stop = 1; stop <= 4; stop++)
        {
            await terminal.HasShown(Keys, times: stop);
            await terminal.Presses("Enter");
        }

        await terminal.HasShown(Keys, times: 5);
        await terminal.Presses("C-c");
        await terminal.Ends(status: 130); // compares stty before and after

        Assert.Null(SegmentEntry.Find(SegmentEntry.KeyOf(path)));
    }

    [Fact(Timeout = Limit)]
    public async Task A_child_at_a_stop_ends_when_its_controller_is_killed()
    {
        string path = NewFile();
        await using Terminal terminal = await OpenTerminal(Alg8.Shmcon, path, "--step");

        await StepUntil(terminal, () => LastStop(terminal).StartsWith("[shmread ", StringComparison.Ordinal));

        int controller = SegmentEntry.Find(SegmentEntry.KeyOf(path))!.Creator;
        Syscall.kill(controller, Signum.SIGKILL);
        await terminal.HasShown($"shmread: the controller (pid {controller}) is gone\n");
        await Wait.Until(
            () => !Ours().Any(process => process.CommandLine.Contains("alg8-2-shmread")),
            () => "the end of the reader");
        if (SegmentEntry.Find(SegmentEntry.KeyOf(path)) is { } left)
        {
            Remove(left.Hex); // it had not attached yet: no other process knew of it
        }
    }

    [Fact(Timeout = Limit)]
    public async Task A_consumer_at_a_stop_does_not_run_out_of_time()
    {
        string name = NewObject();
        await using Terminal terminal = await OpenTerminal(Alg8.Shmconsumer, name, "--step", "--timeout", "0");

        await terminal.HasShown(Keys);
        await terminal.Presses("Enter");
        await terminal.HasShown(Keys, times: 2);
        await terminal.Presses("Enter");
        await terminal.HasShown("[8-6 map]", times: 2);
        (await Run(Alg8.Shmproducer, [name])).Printed("produced message: Hello World!\n");
        await terminal.Ends();

        await terminal.HasShown("consumed message: Hello World!\n");
    }

    [Theory(Timeout = Limit)]
    [InlineData("LANG=zh_CN.UTF-8", null)]
    [InlineData("LC_ALL=zh_TW.UTF-8", null)]
    [InlineData("LANG=en_GB.UTF-8", "zh")]
    public async Task The_sentences_are_Chinese_where_that_is_asked_for(string variable, string? lang)
    {
        string[] option = lang is null ? [] : ["--lang", lang];
        await using Terminal terminal = await OpenTerminal(
            [
                "env", "-u", "LC_ALL", "-u", "LC_MESSAGES", "-u", "LANG", variable, Alg8.Shmpthreadcon, NewName(),
                "--step", .. option,
            ]);

        // The children speak it too.
        await StepUntil(
            terminal, () => LastStop(terminal).StartsWith("[producer ", StringComparison.Ordinal), ChineseKeys);

        Assert.Contains("[8-4.1 创建]\n    创建对象 /dev/shm/NAME", terminal.Screen);
        Assert.DoesNotContain(Keys, terminal.Screen);
        await terminal.Presses("q");
        await terminal.Ends();
    }

    [Theory(Timeout = Limit)]
    [InlineData("LANG=en_US.UTF-8")]
    [InlineData("LANG=de_DE.UTF-8")]
    [InlineData("LANG=C")]
    [InlineData("LC_ALL=C LANG=zh_CN.UTF-8")]
    public async Task In_every_other_language_they_are_English(string variables)
    {
        await using Terminal terminal = await OpenTerminal(
            [
                "env", "-u", "LC_ALL", "-u", "LC_MESSAGES", .. variables.Split(' '), Alg8.Shmpthreadcon, NewName(),
                "--step",
            ]);

        await terminal.HasShown(Keys);
        await terminal.Presses("q");
        await terminal.Ends();
    }

    [Theory(Timeout = Limit)]
    [InlineData(80, 24, "en")]
    [InlineData(200, 50, "en")]
    [InlineData(80, 24, "zh")]
    public async Task At_any_usual_size_of_a_terminal_the_sentences_are_not_broken_and_a_new_size_does_no_harm(
        int columns, int lines, string lang)
    {
        string[] sentence = lang == "en"
            ? ["    Creates the object /dev/shm/NAME, still without a size. O_EXCL is not "
                + "on", "    the slide: without it, an object that others use would be taken over.", $"    {Keys}"]
            : ["    创建对象 /dev/shm/NAME，现在还没有大小。幻灯片上没有 O_EXCL：", "    没有它，就会占用别人正在使用的对象。", $"    {ChineseKeys}"];
        await using Terminal terminal =
            await OpenTerminal(columns, lines, Alg8.Shmpthreadcon, NewName(), "--step", "--lang", lang);

        await terminal.Shows(
            screen => Lines(screen).Intersect(sentence).Count() == sentence.Length, "the sentence, a line a line");
        await terminal.Resizes(120, 30);
        await terminal.Presses("Enter");
        await terminal.HasShown(sentence[^1], times: 2);
        await terminal.Presses("q");
        // Ends would compare the terminal's settings, and its size is one of them
        await terminal.HasShown("exit status 0\n");

        static IEnumerable<string> Lines(string screen) => screen.Split('\n').Select(line => line.TrimEnd());
    }

    [Fact(Timeout = Limit)]
    public async Task In_a_narrow_window_all_of_it_is_there()
    {
        await using Terminal terminal = await OpenTerminal(40, 20, Alg8.Shmpthreadcon, NewName(), "--step");

        await terminal.HasShown("    the slide: without it, an object that others use would be taken over.\n");
        await terminal.HasShown($"    {Keys}");
        await terminal.Presses("q");
        await terminal.Ends();
    }

    [Fact(Timeout = Limit)]
    public async Task Without_a_terminal_it_says_so()
    {
        string setsid = Tool.Find("setsid");

        (await Run(setsid, ["--wait", Alg8.Shmcon, NewFile(), "--step"])).FailedAtOnce(
            "shmcon: --step: open(/dev/tty): No such device or address\nhint: ");
    }

    [Fact(Timeout = Limit)]
    public async Task A_language_that_there_is_not_is_refused() =>
        (await Run(Alg8.Shmread, ["27000001", "--step", "--lang", "fr"])).FailedAtOnce(
            "--lang 'fr': not one of en, zh");

    // ---- the data files

    public static TheoryData<string> Programs =>
    [
        .. Directory.EnumerateDirectories(Repository.Root, "alg8-*")
            .Select(folder => Path.GetFileName(folder)!).Order(),
    ];

    [Theory]
    [MemberData(nameof(Programs))]
    public void Both_languages_speak_of_the_same_calls_on_the_same_slides(string program)
    {
        string[] english = Headings("en"), chinese = Headings("zh");

        Assert.NotEmpty(english);
        Assert.Equal(english.Select(SlideOf), chinese.Select(SlideOf));

        string[] Headings(string language) =>
        [
            .. File.ReadLines(Path.Combine(Repository.Root, program, $"steps-{language}.txt"))
                .Where(line => line.Length > 0 && line[0] is not (' ' or '#')),
        ];

        // The call and the slide, without the word for what happens there.
        static string SlideOf(string heading) => Regex.Replace(heading, @" [^ \]]*( [^\]]*)?\]$", "]");
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Each_entry_stands_on_a_slide_that_the_code_names_too_and_fits_into_80_columns(string program)
    {
        string code = program.StartsWith("alg8-0", StringComparison.Ordinal)
            ? "[Waiting]"
            : File.ReadAllText(Path.Combine(Repository.Root, program, "Program.cs"));
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Repository.Root, program), "steps-*.txt"))
        {
            foreach (string line in File.ReadLines(file))
            {
                Assert.True(Columns(line) <= 80, $"{file}: {line}");
                if (Regex.Match(line, @"^[a-z].* \[([^ \]]+)") is { Success: true } heading)
                {
                    Assert.Contains($"[{heading.Groups[1].Value}]", code);
                }
            }
        }

        static int Columns(string line) => line.EnumerateRunes().Sum(rune => rune.Value >= 0x2e80 ? 2 : 1);
    }

    // Presses Enter at each stop, until one is as wanted.
    private static async Task StepUntil(Terminal terminal, Func<bool> isThere, string keys = Keys)
    {
        await terminal.HasShown(keys);
        for (int stop = 1; !isThere(); stop++)
        {
            await terminal.Presses("Enter");
            await terminal.HasShown(keys, times: stop + 1);
        }
    }

    private static string LastStop(Terminal terminal) => LastStop(terminal.Screen);

    private static string LastStop(string screen) => screen.Split("\n\n")[^1];
}
