using System.Globalization;
using System.Text.RegularExpressions;
using Algorithms.Tests.Harness;
using Mono.Unix.Native;

namespace Algorithms.Tests.Trace;

/// <summary>--trace: each call of the lecture on standard error, as strace shows it, with its slide.</summary>
public sealed partial class TraceTests : SharedMemoryTest
{
    private static readonly string[] Controller81 =
        ["stat", "creat", "ftok", "shmget", "shmat", "shmdt", "spawn", "spawn", "wait", "wait", "shmctl"];

    private static readonly string[] Child81 = ["shmget", "shmat", "shmdt"];

    [Fact(Timeout = Limit)]
    public async Task A_session_of_8_1_shows_every_call_in_the_slides_order_with_its_anchor()
    {
        string path = NewPath();
        Finished run = await Run(Alg8.Shmcon, [path, "--trace", "--wait", "spin"], "Hello World!\nend\n");
        Line[] lines = Parse(run.Error);

        Assert.Equal(0, run.Status);
        Assert.Equal(
            new Slide(SegmentEntry.KeyOf(path), run.Output).Session(
                created: true, echoed: false, "Hello World!\n", "end\n"),
            run.Output);
        Assert.Equal(Controller81, CallsOf("shmcon", lines));
        Assert.Equal(Child81, CallsOf("shmread", lines));
        Assert.Equal(Child81, CallsOf("shmwrite", lines));

        string key = $"0x{SegmentEntry.KeyOf(path):x}";
        Line created = lines.Single(line => line is { Who: "shmcon", Call: "shmget" });
        string shmid = created.Result;
        Assert.Equal($"({key}, 4100, IPC_CREAT|IPC_EXCL|0666)", created.Arguments);
        Assert.Equal("8-1.2 create", created.Anchor);
        Assert.Contains($"shmcon: shmid = {shmid}\n", run.Output);

        Line found = lines.Single(line => line is { Who: "shmread", Call: "shmget" });
        Assert.Equal(
            ($"({key}, 4100, IPC_CREAT|0666)", shmid, "8-2.1 find"), (found.Arguments, found.Result, found.Anchor));

        Line attached = lines.Single(line => line is { Who: "shmwrite", Call: "shmat" });
        Assert.Equal($"({shmid}, NULL, 0)", attached.Arguments);
        Assert.Contains($"shmwrite: shared memory attached at {attached.Result}\n", run.Output);

        Line removed = lines[^1];
        Assert.Equal(
            ("shmcon", "shmctl", $"({shmid}, IPC_RMID, NULL)", "0"),
            (removed.Who, removed.Call, removed.Arguments, removed.Result));

        // The pid that spawn returns is the one under which the child makes its own calls, and that wait returns.
        string[] children = [.. lines.Where(line => line.Call == "spawn").Select(line => line.Result)];
        Assert.Equal(found.Pid, children[0]);
        Assert.Equal(attached.Pid, children[1]);
        Assert.Equal(children.Order(), lines.Where(line => line.Call == "wait").Select(line => line.Result).Order());
    }

    [Fact(Timeout = Limit)]
    public async Task A_run_of_8_4_shows_every_call_too_and_nothing_more_on_standard_output()
    {
        string name = NewName();
        Finished run = await Run(Alg8.Shmpthreadcon, [name, "--trace"]);
        Line[] lines = Parse(run.Error);

        Assert.Equal(0, run.Status);
        Assert.Matches(
            "(?s)^total .*produced message: Hello World!\nconsumed message: Hello World!\ntotal .*$", run.Output);
        Assert.DoesNotContain("[con ", run.Output);
        Assert.Equal(
            [
                "shm_open", "posix_fallocate", "ftruncate", "spawn", "spawn", "wait", "wait", "shm_unlink",
            ], CallsOf("con", lines));
        Assert.Equal(["shm_open", "mmap"], CallsOf("producer", lines));
        Assert.Equal(["shm_open", "mmap"], CallsOf("consumer", lines));
        Assert.Contains(
            lines,
            line =>
                line is { Who: "con", Call: "shm_open" }
                    && line.Arguments == $"(\"{name}\", O_RDWR|O_CREAT|O_EXCL, 0666)");
        Assert.Contains(
            lines,
            line =>
                line is { Who: "con", Call: "ftruncate", Anchor: "8-4.1 size" }
                    && line.Arguments.EndsWith(", 4100)", StringComparison.Ordinal));
        Assert.Contains(
            lines,
            line =>
                line is { Who: "consumer", Call: "mmap" }
                    && line.Arguments.StartsWith("(NULL, 4100, PROT_READ, MAP_SHARED, ", StringComparison.Ordinal));
    }

    // strace, which sees what the kernel sees, is the oracle.
    [Theory(Timeout = Limit)]
    [InlineData("8-1", "creat|shmget|shmat|shmdt|shmctl|futex")]
    [InlineData("8-4", "ftruncate|mmap|futex")]
    public async Task What_strace_shows_of_the_same_calls_is_the_same(string program, string calls)
    {
        string strace = Tool.Find("strace"), log = NewPath();
        string[] command = program == "8-1"
            ? [Alg8.Shmcon, NewPath(), "--trace", "--wait", "futex"]
            : [Alg8.Shmpthreadcon, NewName(), "--trace", "--items", "50", "--wait", "futex", "--quiet"];
        Finished run = await Run(
            strace,
            [
                "-f", "-qq", "-s", "4096", "-e", "signal=none", "-e",
                "trace=openat,shmget,shmat,shmdt,shmctl,ftruncate,mmap,futex", "-o", log, .. command,
            ],
            "one\ntwo\nend\n");

        Assert.Equal(0, run.Status);
        string[] seen = [.. Whole(File.ReadLines(log)).Select(CreatWithoutTruncation).Select(Normalised)];
        Line[] lines = [.. Parse(run.Error).Where(line => Regex.IsMatch(line.Call, $"^({calls})$"))];
        Assert.NotEmpty(lines);
        foreach (Line line in lines)
        {
            string call = Normalised($"{line.Pid} {line.Call}{line.Arguments} = {line.Result}");
            Assert.Contains(seen, of => of.StartsWith(call, StringComparison.Ordinal)); // after it, the error
        }
    }

    [Fact(Timeout = Limit)]
    public async Task A_call_that_fails_shows_the_name_and_the_text_of_its_errno_and_the_error_follows()
    {
        SegmentEntry other = await NewSegment(size: 100);

        (await Run(Alg8.Shmread, [other.Hex, "--trace"])).Failed(
            $"shmget(0x{other.Hex}, 4100, IPC_CREAT|0666) = -1 EINVAL (Invalid argument)   [8-2.1 find]\nshread: "
                + "shmget(): Invalid argument\n");
        string name = NewName();
        (await Run(Alg8.Shmconsumer, [name, "--trace"])).Failed(
            $"shm_open(\"{name}\", O_RDONLY, 0444) = -1 ENOENT (No such file or directory)   [8-6 open]\nconsumer: "
                + "shm_open(): No such file or directory\n");
        (await Run(Alg8.Shmcon, [NewFile(), "--trace", "--reader", "./nothing-here"])).Failed(
            "spawn(\"./nothing-here\", [", "]) = -1 ENOENT (No such file or directory)   [8-1.3 "
                + "reader]\n", "IPC_RMID, NULL) = 0");
    }

    [Fact(Timeout = Limit)]
    public async Task A_child_that_was_killed_shows_so_in_wait_and_the_removal_after_it_shows_too()
    {
        RunningProgram run = Start(Alg8.Shmcon, [NewFile(), "--trace", "--wait", "futex"]);
        await run.Shows("Enter some text: ");
        string reader = Parse(run.Error).First(line => line.Call == "spawn").Result;
        Syscall.kill(int.Parse(reader, CultureInfo.InvariantCulture), Signum.SIGKILL);
        Finished finished = await run.IsGone();

        finished.Failed(
            $"wait([{{WIFSIGNALED(s) && WTERMSIG(s) == SIGKILL}}]) = {reader}   [8-1.4 wait]\n",
            "IPC_RMID, NULL) = 0   [8-1.4 remove]\n");
    }

    [Fact(Timeout = Limit)]
    public async Task What_would_move_the_cursor_is_escaped_in_a_path_and_other_text_is_shown_as_it_is()
    {
        string path = Path.Combine(Folder, "内存 \"\u001b[31m\n\\");
        Finished run = await Run(Alg8.Shmcon, [path, "--trace", "--wait", "spin"], "end\n");

        Assert.Equal(0, run.Status);
        Assert.Contains(Latin1Of("内存 \\\"\\033[31m\\n\\\\\", 0x27)"), run.Error);
        Assert.DoesNotContain('\u001b', run.Error);
    }

    [Fact(Timeout = Limit)]
    public async Task A_wait_that_times_out_again_and_again_is_one_line()
    {
        SegmentEntry segment = await NewSegment();
        RunningProgram reader = Start(Alg8.Shmread, [segment.Hex, "--wait", "futex", "--trace"]);
        await reader.Complains("ETIMEDOUT");
        await SleepsAgain(reader.Id);
        Finished writer = await Run(Alg8.Shmwrite, [segment.Hex, "--wait", "futex", "--interval", "0"], "end\n");
        Finished finished = await reader.Ends();

        Assert.Equal((0, 0), (writer.Status, finished.Status));
        Assert.Single(Regex.Matches(finished.Error, "ETIMEDOUT"));
        Assert.Single(finished.Error.Split('\n'), RepeatsLine().IsMatch);
        Assert.NotEmpty(Parse(finished.Error));
    }

    [Fact(Timeout = Limit)]
    public async Task C_children_work_under_a_controller_that_traces()
    {
        string path = NewFile();
        Finished run = await Run(
            Alg8.Shmcon,
            [
                path, "--trace", "--reader", await Peers.C("shmread"), "--writer", await Peers.C("shmwrite")
            ], "Hello\nend\n");

        Assert.Equal(0, run.Status);
        Assert.Contains(Slide.Read("Hello\n"), run.Output);
        Assert.Contains(Slide.Wrote("end\n"), run.Output);
        Assert.Equal(Controller81.Where(call => call != "creat"), CallsOf("shmcon", Parse(run.Error)));
    }

    [Fact(Timeout = Limit)]
    public async Task Without_the_option_nothing_is_traced_and_no_child_is_told_to()
    {
        string strace = Tool.Find("strace"), log = NewPath();
        Finished run = await Run(
            strace,
            [
                "-f", "-qq", "-e", "trace=execve,write", "-s", "4096", "-v", "-o", log, Alg8.Shmpthreadcon, NewName()
            ]);

        Assert.Equal((0, ""), (run.Status, run.Error));
        string calls = File.ReadAllText(log);
        Assert.Contains("ALG8_CONTROLLER", calls);
        Assert.DoesNotContain("--trace", calls);
        Assert.DoesNotContain("ALG8_TURN", calls);
        Assert.DoesNotContain("write(2,", calls);
    }

    [Theory(Timeout = Limit)]
    [InlineData("xterm-256color", null, true)]
    [InlineData("xterm-256color", "1", false)]
    [InlineData("dumb", null, false)]
    public async Task A_terminal_gets_colours_unless_it_or_the_user_wants_none(
        string term, string? noColor, bool isColoured)
    {
        string name = NewName();
        string[] environment =
        ["env", "-u", "NO_COLOR", $"TERM={term}", .. noColor is null ? Array.Empty<string>() : [$"NO_COLOR={noColor}"]];
        await using Terminal terminal = await OpenTerminal([.. environment, Alg8.Shmpthreadcon, name, "--trace"]);

        await terminal.Ends();
        await terminal.ShowsColoured($"shm_unlink(\"{name}\") = ");
        Assert.Equal(isColoured, terminal.Screen.Contains('\u001b'));
    }

    // ---- reading a trace

    private sealed record Line(string Who, string Pid, string Call, string Arguments, string Result, string Anchor);

    private static Line[] Parse(string trace)
    {
        MatchCollection matches = TraceLine().Matches(trace);
        Assert.Equal(
            trace.Split('\n').Count(line => line.StartsWith('[') && !RepeatsLine().IsMatch(line)), matches.Count);
        return
        [
            .. matches.Select(match => match.Groups).Select(groups => new Line(
                groups["who"].Value, groups["pid"].Value, groups["call"].Value, groups["arguments"].Value,
                groups["result"].Value, groups["anchor"].Value)),
        ];
    }

    // Without futex: how often anybody sleeps is a matter of luck.
    private static string[] CallsOf(string who, IEnumerable<Line> lines) =>
        [.. lines.Where(line => line.Who == who && line.Call != "futex").Select(line => line.Call)];

    // Where another process's call comes between, strace shows the beginning of a line, and later the rest of it.
    private static IEnumerable<string> Whole(IEnumerable<string> log)
    {
        Dictionary<string, string> begun = [];
        foreach (string line in log)
        {
            string pid = line.Split(' ')[0];
            if (line.EndsWith(" <unfinished ...>", StringComparison.Ordinal))
            {
                begun[pid] = line[..^" <unfinished ...>".Length];
            }
            else
            {
                int resumed = line.IndexOf(" resumed>", StringComparison.Ordinal);
                yield return resumed < 0 ? line : begun[pid] + line[(resumed + " resumed>".Length)..];
            }
        }
    }

    // strace pads before `=` and after the pid.
    private static string Normalised(string line) => Blanks().Replace(line, " ");

    private static string Latin1Of(string text) =>
        System.Text.Encoding.Latin1.GetString(System.Text.Encoding.UTF8.GetBytes(text));

    [GeneratedRegex(
        @"^\[(?<who>[a-z]+) (?<pid>[0-9]+)\] (?<call>[a-z_]+)(?<arguments>\(.*\)) = (?<result>\S+)"
            + @"( E[A-Z]+ \([^\[]*\))?   \[(?<anchor>[^\]]+)\]$", RegexOptions.Multiline)]
    private static partial Regex TraceLine();

    // On a busy machine, a sleep can end without success more than once.
    [GeneratedRegex(@"^\[[a-z]+ [0-9]+\] \.\.\. and [0-9]+ times more   \[[^\]]+\]$")]
    private static partial Regex RepeatsLine();

    // The suite's creat is an open that keeps what another process has written meanwhile.
    private static string CreatWithoutTruncation(string line) => Creat().Replace(line, "creat(${path}, ${mode})");

    [GeneratedRegex(@"openat\(AT_FDCWD, (?<path>""[^""]*""), O_WRONLY\|O_CREAT, (?<mode>0[0-7]+)\)")]
    private static partial Regex Creat();

    [GeneratedRegex(" +")]
    private static partial Regex Blanks();
}
