using Algorithms.Tests.Harness;
using Mono.Unix.Native;

namespace Algorithms.Tests.Failures;

/// <summary>
/// A child that has ended is gone, with exit status 0 too: the typical bug of a child that returns early. The other
/// side says so, and what was not delivered; the controller ends one in C, which cannot.
/// </summary>
public sealed class EndedChildTests : FaultTest
{
    [Theory(Timeout = Limit)]
    [InlineData("--reader", "shmwrite: the reader is gone: ", "; not delivered: x\n")]
    [InlineData("--writer", "shmread: the writer is gone: ", "; not delivered: its next message\n")]
    [InlineData(
        "--reader", "shmwrite: the reader is gone: ", "; not delivered: what is in the buffer\n", "--buffer-size", "4")]
    [InlineData(
        "--writer", "shmread: the writer is gone: ", "; not delivered: its next message\n", "--buffer-size", "4")]
    public Task The_other_side_of_8_1_says_so_though_its_input_goes_on(
        string option, string says, string loss, params string[] options) =>
        IsTold(Alg8.Shmcon, [NewFile(), option, NewScript("exit 0"), .. options], "shmcon: ", says, loss);

    [Theory(Timeout = Limit)]
    [InlineData("--producer", "consumer: the producer is gone: ", "; not delivered: its message\n")]
    [InlineData("--producer", "consumer: the producer is gone: ", "; not delivered: its first item\n", "--items", "5")]
    [InlineData(
        "--consumer", "producer: the consumer is gone: ", "con: not delivered: what is in the buffer, 9 items\n",
        "--items", "5000", "--quiet")]
    [InlineData(
        "--producer", "consumer: the producer is gone: ", "; not delivered: the rest of the stream\n", "--stream")]
    [InlineData(
        "--consumer", "producer: the consumer is gone: ", "con: not delivered: what is in the buffer, 1 item\n",
        "--stream")]
    public Task The_other_side_of_8_4_says_so_too(string option, string says, string loss, params string[] options) =>
        IsTold(Alg8.Shmpthreadcon, [NewName(), option, NewScript("exit 0"), .. options], "con: ", says, loss);

    [Theory(Timeout = Limit)]
    [InlineData("--reader", "--writer", "shmwrite")]
    [InlineData("--writer", "--reader", "shmread")]
    public async Task One_in_C_that_waits_for_it_is_ended(string ended, string other, string peer) =>
        await IsTold(
            Alg8.Shmcon, [NewFile(), ended, NewScript("exit 0"), other, await Peers.C(peer)], "shmcon: ", "", "");

    [Fact(Timeout = Limit)]
    public async Task An_end_that_nobody_has_read_is_no_regular_end()
    {
        Finished run = await Run(Alg8.Shmcon, [NewFile(), "--reader", NewScript("exit 0")], "end\n");

        run.Failed("ended with exit status 0 before the session was over\n", "shmcon: not delivered: end\n");
    }

    [Fact(Timeout = Limit)]
    public async Task A_side_that_takes_its_time_after_the_others_end_is_waited_for()
    {
        string path = NewFile(), name = NewName();
        string slow = NewScript($"sleep 1; exec '{Alg8.Shmconsumer}' \"$@\"");

        Finished queue =
            await Run(Alg8.Shmcon, [path, "--buffer-size", "10", "--reader-delay", "300"], "one\ntwo\nthree\nend\n");
        Finished items = await Run(Alg8.Shmpthreadcon, [name, "--items", "5", "--quiet", "--consumer", slow]);

        Assert.Equal((0, 0), (queue.Status, items.Status));
        Assert.Contains(Slide.Read("end\n"), queue.Output);
        Assert.Contains("items 5, ", items.Output);
    }

    // Standard input stays open: who waits for more of it must still notice.
    private async Task IsTold(string program, string[] arguments, string controller, string says, string loss)
    {
        RunningProgram run = await StartGroup(program, arguments);
        await run.Types("x\n");
        Finished finished = await run.IsGone();
        await AllGone();

        NoCrash(finished);
        finished.Failed(says, loss, controller);
        Assert.Matches(
            $"\n{controller}path-[0-9]+ \\(pid [0-9]+\\) ended with exit status 0 before the session was over\n",
            "\n" + finished.Error);
    }
}
