using Algorithms.Tests.Harness;

namespace Algorithms.Tests.Slides;

/// <summary>8-5 and 8-6 on an object that another program has made, of any size.</summary>
public sealed class ConsumerTests : SharedMemoryTest
{
    [Theory(Timeout = Limit)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(4099)]
    [InlineData(4100)]
    public async Task An_object_without_a_NUL_is_printed_to_its_last_byte(int size)
    {
        string name = NewObject([.. Enumerable.Repeat((byte)'x', size)]);

        (await Run(Alg8.Shmconsumer, [name])).Printed($"consumed message: {new string('x', size)}\n");
    }

    [Fact(Timeout = Limit)]
    public async Task Of_a_larger_object_the_first_4100_bytes_are_the_message()
    {
        string name = NewObject([.. Enumerable.Repeat((byte)'x', 10_000)]);

        (await Run(Alg8.Shmconsumer, [name])).Printed($"consumed message: {new string('x', 4100)}\n");
    }

    [Fact(Timeout = Limit)]
    public async Task The_message_ends_at_its_NUL_and_is_printed_as_it_is()
    {
        string name = NewObject([.. "caf\xe9 \x01\xff\n"u8, 0xe9, 0, .. "not this"u8]);

        (await Run(Alg8.Shmconsumer, [name])).Printed("consumed message: caf\xc3\xa9 \x01\xc3\xbf\n\xe9\n");
    }

    [Theory(Timeout = Limit)]
    [InlineData("--timeout", "0")]
    [InlineData("--timeout", "1")]
    [InlineData("--race")]
    public async Task An_empty_object_is_an_error_and_no_bus_error(params string[] options)
    {
        string name = NewObject([]);

        (await Run(Alg8.Shmconsumer, [name, .. options])).FailedAtOnce(
            $"consumer: /dev/shm/{name} has 0 bytes, 1 are needed\nhint: to make it long enough: truncate -s 4100 "
                + $"/dev/shm/{name}\n");
    }

    [Fact(Timeout = Limit)]
    public async Task An_object_that_is_made_first_and_sized_later_is_waited_for()
    {
        string name = NewObject([]);
        RunningProgram consumer = Start(Alg8.Shmconsumer, [name, "--timeout", "60"]);
        await SleepsAgain(consumer.Id);

        await File.WriteAllBytesAsync(
            ObjectPath(name), new byte[SegmentEntry.LectureSize], TestContext.Current.CancellationToken);
        await SleepsAgain(consumer.Id);
        (await Run(Alg8.Shmproducer, [name, "late"])).Printed("produced message: late\n");

        (await consumer.Ends()).Printed("consumed message: late\n");
    }

    [Theory(Timeout = Limit)]
    [InlineData(30)]
    [InlineData(4000)]
    public async Task A_message_that_is_replaced_while_it_is_read_is_printed_whole(int length)
    {
        string name = NewObject();
        RunningProgram replacing = Start(await Peers.C("replace"), [ObjectPath(name), $"{length}"]);
        await replacing.Shows("replacing\n");

        for (int round = 0; round < 20; round++)
        {
            Finished run = await Run(Alg8.Shmconsumer, [name]);

            Assert.Matches($"^consumed message: ([a-z])\\1{{{length - 1}}}\n$", run.Output);
        }

        await replacing.Ends();
    }

    [Fact(Timeout = Limit)]
    public async Task A_message_that_comes_between_the_last_look_and_the_verdict_is_printed()
    {
        string name = NewName();
        // The consumer finds no message, and is then notified of the producer's death.
        // Between the two, the message comes.
        string producer =
            NewScript($"printf 'late\\0' | dd of={ObjectPath(name)} conv=notrunc status=none; kill -9 $$");
        string consumer = NewScript(
            $"exec '{Tool.Find("strace")}' -o /dev/null -f -e trace=poll -e inject=poll:delay_enter=600000 "
                + $"'{Alg8.Shmconsumer}' \"$@\"");

        RunningProgram run = Start(Alg8.Shmpthreadcon, [name, "--producer", producer, "--consumer", consumer]);

        Assert.Contains("consumed message: late\n", (await run.Ends()).Output);
    }

    [Fact(Timeout = Limit)]
    public async Task In_a_race_a_consumer_without_a_message_prints_the_slides_empty_line()
    {
        (await Run(Alg8.Shmconsumer, [NewObject(), "--race"])).Printed("consumed message: \n");
    }

    [Fact(Timeout = Limit)]
    public async Task In_a_race_a_message_that_is_there_is_printed()
    {
        (await Run(Alg8.Shmconsumer, [NewObject([.. "there\0"u8]), "--race"])).Printed("consumed message: there\n");
    }

    [Fact(Timeout = Limit)]
    public async Task Without_a_producer_the_consumer_gives_up_after_its_timeout()
    {
        string name = NewObject();

        (await Run(Alg8.Shmconsumer, [name, "--timeout", "1"]))
            .FailedAtOnce(
                $"consumer: no message in /dev/shm/{name} within 1 s\nhint: start a producer: ", $" {name}\n");
    }

    [Fact(Timeout = Limit)]
    public async Task The_consumer_never_writes_into_the_object()
    {
        string name = NewObject([.. "kept\0"u8]);
        File.SetUnixFileMode(ObjectPath(name), UnixFileMode.UserRead);

        (await Run(Alg8.Shmconsumer, [name])).Printed("consumed message: kept\n");

        byte[] after = await File.ReadAllBytesAsync(ObjectPath(name), TestContext.Current.CancellationToken);
        Assert.Equal("kept\0"u8, after);
    }

    [Theory(Timeout = Limit)]
    [InlineData("another message")]
    [InlineData("内存")]
    [InlineData("%s%n")]
    public async Task The_producers_message_stands_at_byte_0_with_its_NUL(string message)
    {
        string name = NewObject();
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(message);
        string text = System.Text.Encoding.Latin1.GetString(bytes);

        (await Run(Alg8.Shmproducer, [name, message])).Printed($"produced message: {text}\n");

        byte[] held = await File.ReadAllBytesAsync(ObjectPath(name), TestContext.Current.CancellationToken);
        Assert.Equal([.. bytes, .. new byte[SegmentEntry.LectureSize - bytes.Length]], held);
    }

    [Fact(Timeout = Limit)]
    public async Task Behind_two_dashes_a_message_may_begin_with_one()
    {
        (await Run(Alg8.Shmproducer, [NewObject(), "--", "--help"])).Printed("produced message: --help\n");
    }

    [Fact(Timeout = Limit)]
    public async Task A_message_of_4099_bytes_fits_and_a_longer_one_is_refused()
    {
        string name = NewObject();
        string longest = new('m', 4099);

        (await Run(Alg8.Shmproducer, [name, longest])).Printed($"produced message: {longest}\n");
        (await Run(Alg8.Shmproducer, [name, longest + "m"])).FailedAtOnce("4100 bytes", "4099");

        byte[] held = await File.ReadAllBytesAsync(ObjectPath(name), TestContext.Current.CancellationToken);
        Assert.Equal([.. System.Text.Encoding.Latin1.GetBytes(longest), 0], held);
    }

    [Fact(Timeout = Limit)]
    public async Task An_object_too_small_for_the_producer_is_an_error_and_no_bus_error()
    {
        (await Run(Alg8.Shmproducer, [NewObject([])])).FailedAtOnce("producer: ", " has 0 bytes");
    }

    [Fact(Timeout = Limit)]
    public async Task An_object_that_does_not_exist_is_shm_opens_error()
    {
        (await Run(Alg8.Shmproducer, [NewName()])).FailedAtOnce("producer: shm_open(): No such file or directory");
        (await Run(Alg8.Shmconsumer, [NewName()])).FailedAtOnce("consumer: shm_open(): No such file or directory");
    }
}
