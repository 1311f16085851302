using Algorithms.Tests.Harness;

namespace Algorithms.Tests.Failures;

/// <summary>
/// A process id says little: another process may have it by now. In a pid namespace of its own, a test can choose the
/// next one.
/// </summary>
public sealed class ReusedPidTests : FaultTest
{
    // After the first process with the id: wait until the seconds in which times are compared have passed.
    private const string Reuse = """
        reuse() {
            end=$(($(date +%s) + $2)); while [ "$(date +%s)" -lt $end ]; do sleep 0.1; done
            echo $(($1 - 1)) > /proc/sys/kernel/ns_last_pid
            sleep 60 & [ $! = "$1" ] || { echo "no reuse of $1: $!"; exit 99; }
        }
        """;

    [Fact(Timeout = Limit)]
    public async Task Another_process_with_the_creators_id_does_not_keep_a_leftover()
    {
        string path = NewFile();

        Finished run = await RunInNamespace($"""
            perl -e 'defined shmget({SegmentEntry.KeyOf(path)}, 4100, 01666) or die' & pid=$!; wait $pid
            reuse $pid 4
            exec '{Alg8.Shmcon}' {path} --wait futex
            """);

        Assert.EndsWith("nothing found ... \n", run.Output);
        Assert.Matches("^shmcon: took over the segment that pid [0-9]+ left behind", run.Error);
    }

    [Fact(Timeout = Limit)]
    public async Task Another_process_with_the_controllers_id_does_not_hide_its_death()
    {
        string fifo = NewPath();

        Finished run = await RunInNamespace($"""
            mkfifo {fifo}; exec 3<>{fifo}
            '{Alg8.Shmcon}' {NewFile()} --wait futex <&3 > out & pid=$!
            until grep -q 'Enter some text' out; do sleep 0.05; done
            kill -9 $pid; wait $pid
            reuse $pid 0
            end=$(($(date +%s) + 8))
            while ipcs -m | grep -q 4100 && [ "$(date +%s)" -lt $end ]; do sleep 0.1; done
            ipcs -m | grep 4100
            """);

        Assert.Equal("", run.Output);
        Assert.Matches("shmread: the controller \\(pid [0-9]+\\) is gone", run.Error);
        Assert.Matches("shmwrite: the controller \\(pid [0-9]+\\) is gone", run.Error);
        Assert.Contains("removed for the controller\n", run.Error);
    }

    private async Task<Finished> RunInNamespace(string script)
    {
        string[] unshare =
            [Tool.Find("unshare"), "--map-root-user", "--ipc", "--pid", "--fork", "--kill-child", "--mount-proc"];
        if ((await Run(unshare[0], [.. unshare[1..], "sh", "-c", "test -w /proc/sys/kernel/ns_last_pid"])).Status != 0)
        {
            Tool.Miss("This test needs the right to make pid namespaces.");
        }

        return await Run(unshare[0], [.. unshare[1..], "bash", "-c", $"{Reuse}\n{script}"]);
    }
}
