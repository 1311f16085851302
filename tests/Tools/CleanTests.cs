using Algorithms.Tests.Harness;

namespace Algorithms.Tests.Tools;

/// <summary>
/// `run.sh clean` removes what this user's killed runs left behind, and nothing else. It runs apart from the segments
/// of everybody else, so that these are the only ones.
/// </summary>
public sealed class CleanTests : SharedMemoryTest
{
    // KEY SIZE [BYTES]: a segment whose creator is gone at once.
    // Leftovers of others, in what no namespace hides, are not this test's.
    private const string Alone = "mount -t tmpfs none /dev/shm && export TMPDIR=$PWD";

    private const string Leave = Alone + "; leave() { perl -e 'defined($id = shmget(hex $ARGV[0], $ARGV[1], 01666)) or die "
        + "$!; shmwrite($id, $ARGV[2], 0, length $ARGV[2]) if $ARGV[2]' \"$@\"; }; ";

    [Fact(Timeout = Limit)]
    public async Task It_removes_leftovers_and_no_segment_of_another_key_or_size_or_in_use()
    {
        Tool.Find("perl");
        Finished run = await RunApart(
            $$"""
            {{Leave}} leave 27000001 4100; leave 27000002 4100; leave 28000003 4100; leave 27000004 4096
            leave 27000006 4100 'not the text of a slot'
            '{{Alg8.Shmread}}' 27000005 --interval 10 > reader & reader=$!
            until grep -q ready reader; do :; done
            '{{Repository.RunSh}}' clean --yes; echo "status $?"
            ipcs -m | sed -n 's/^0x\([0-9a-f]*\) .*/left: \1/p'; kill $reader; wait
            """,
            "true");

        Assert.Matches(
            "^key 0x27000001, shmid 0, .*\nkey 0x27000002, shmid 1, .*\nshmid = 0 removed\nshmid = 1 "
                + "removed\nstatus 0\n"
            + "left: 28000003\nleft: 27000004\nleft: 27000006\nleft: 27000005\n$",
            run.Output);
    }

    [Fact(Timeout = Limit)]
    public async Task Without_a_terminal_to_ask_at_it_lists_them_and_removes_nothing()
    {
        Tool.Find("perl");
        Finished run = await RunApart(
            $$"""
            {{Leave}} leave 27000001 4100
            '{{Repository.RunSh}}' clean; echo "status $?"; ipcs -m | grep -c 0x27000001
            """,
            "true");

        Assert.Matches("^key 0x27000001, shmid 0, .*\nstatus 1\n1\n$", run.Output);
        Assert.Contains("hint: clean --yes removes without asking\n", run.Error);
    }

    [Theory(Timeout = Limit)]
    [InlineData("y", "shmid = 0 removed\n")]
    [InlineData("n", "nothing was removed\n")]
    [InlineData("", "nothing was removed\n")]
    public async Task At_a_terminal_it_asks(string answer, string result)
    {
        Tool.Find("perl");
        await using Terminal terminal =
            await OpenTerminal(await Apart(Leave + "leave 27000001 4100", Repository.RunSh, "clean"));

        await terminal.Shows("remove it? [y/N] ");
        await terminal.Types(answer);
        await terminal.Presses("Enter");
        await terminal.Ends();

        Assert.EndsWith($"remove it? [y/N] {answer}\n{result}exit status 0\n", terminal.Screen);
    }

    [Fact(Timeout = Limit)]
    public async Task Where_there_is_nothing_it_says_so()
    {
        (await RunApart(Alone, Repository.RunSh, "clean")).Printed("nothing to clean: nothing was left behind\n");
    }

    [Theory(Timeout = Limit)]
    [InlineData("8-1 path --proj-id 200", "segment")]
    [InlineData("8-1 path --buffer-size 10 --proj-id 1", "segment")]
    [InlineData("8-4 object --items 999999999999 --quiet", "object")]
    [InlineData("8-4 object --stream", "object")]
    public async Task It_finds_what_a_run_of_which_all_were_killed_has_left_whatever_its_key_or_name(
        string command, string kind)
    {
        Finished run = await RunApart(
            $$"""
            mount -t tmpfs none /dev/shm; export TMPDIR={{Folder}}; mkfifo in; exec 9<>in
            ours() {
                for file in $(grep -lsz "^ALG8_TEST=$ALG8_TEST\$" /proc/[0-9]*/environ); do
                    case $(cat ${file%environ}comm 2>/dev/null) in
                        alg8-[1-6]*) file=${file#/proc/}; echo ${file%/environ};;
                    esac
                done
            }
            '{{Repository.RunSh}}' {{command}} < in > out 2>&1 &
            until [ $(ours | wc -l) = 3 ]; do sleep 0.05; done
            kill -9 $(ours); wait
            '{{Repository.RunSh}}' clean --yes; echo "status $?"
            echo "left: $(ls /dev/shm) $(ipcs -m | grep -c 0x)"
            """,
            "true");

        Assert.Matches(
            kind == "segment"
                ? @"shmid = \d+ removed\nstatus 0\nleft:  0\n$"
                : @"/dev/shm/object removed\nstatus 0\nleft:  0\n$",
            run.Output);
    }
}
