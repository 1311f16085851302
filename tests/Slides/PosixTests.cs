using System.Globalization;
using Algorithms.Tests.Harness;

namespace Algorithms.Tests.Slides;

/// <summary>8-4 and its children, as the lecture shows them, and each of them beside its C peer.</summary>
public sealed class PosixTests : SharedMemoryTest
{
    public static MatrixTheoryData<By, By> Pairs { get; } = new([By.CSharp, By.C], [By.CSharp, By.C]);

    public static MatrixTheoryData<By, By, By> Trios { get; } =
        new([By.CSharp, By.C], [By.CSharp, By.C], [By.CSharp, By.C]);

    [Fact(Timeout = Limit)]
    public async Task A_run_prints_what_the_slide_shows()
    {
        string name = NewName();

        Finished run = await Run(Alg8.Shmpthreadcon, [name]);

        PrintedTheSlide(run, name, "produced message: Hello World!\nconsumed message: Hello World!\n");
    }

    [Fact(Timeout = Limit)]
    public async Task A_leading_slash_goes_with_the_name_to_the_children()
    {
        string name = NewName();
        string producer = NewScript($"echo \"$@\" > arguments; exec '{Alg8.Shmproducer}' \"$@\"");

        Finished run = await Run(Alg8.Shmpthreadcon, ["/" + name, "--producer", producer]);

        PrintedTheSlide(run, name, "produced message: Hello World!\nconsumed message: Hello World!\n");
        string arguments = Path.Combine(Folder, "arguments");
        Assert.Equal($"/{name}\n", await File.ReadAllTextAsync(arguments, TestContext.Current.CancellationToken));
    }

    [Theory(Timeout = Limit)]
    [InlineData("内存")]
    [InlineData(" two words")]
    [InlineData("-rf")]
    public async Task A_name_may_hold_any_character_but_a_slash(string end)
    {
        string name = NewName() + end;

        Finished run = await Run(Alg8.Shmpthreadcon, [name]);

        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Contains("produced message: Hello World!\nconsumed message: Hello World!\n", run.Output);
    }

    [Fact(Timeout = Limit)]
    public async Task A_name_of_255_bytes_is_not_too_long()
    {
        string name = NewName().PadRight(255, 'x');

        Finished run = await Run(Alg8.Shmpthreadcon, [name]);

        PrintedTheSlide(run, name, "produced message: Hello World!\nconsumed message: Hello World!\n");
    }

    [Fact(Timeout = Limit)]
    public async Task The_children_find_4100_bytes_that_are_really_reserved()
    {
        string name = NewName();
        string producer =
            NewScript($"stat -c '%s %b %B' '{ObjectPath(name)}' > object; exec '{Alg8.Shmproducer}' \"$1\"");

        await Run(Alg8.Shmpthreadcon, [name, "--producer", producer]);

        string seen =
            await File.ReadAllTextAsync(Path.Combine(Folder, "object"), TestContext.Current.CancellationToken);
        long[] numbers = [.. seen.Split(' ').Select(word => long.Parse(word, CultureInfo.InvariantCulture))];
        Assert.Equal(SegmentEntry.LectureSize, numbers[0]);
        Assert.InRange(numbers[1] * numbers[2], SegmentEntry.LectureSize, long.MaxValue);
    }

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Trios))]
    public async Task Any_controller_leads_any_producer_and_any_consumer(By controller, By producer, By consumer)
    {
        string name = NewName();
        string producing =
            NewScript($"'{await Peers.Producer(producer)}' \"$@\" > produced; echo $? > producer.status");

        // C's consumer does not wait: luck decides whether it sees the message, so here it is given time.
        string consuming = NewScript($"""
            until [ -s producer.status ]; do :; done
            exec '{await Peers.Consumer(consumer)}' "$@" > consumed
            """);

        Finished run = controller == By.C
            ? await Run(await Peers.C("shmpthreadcon"), [name, producing, consuming])
            : await Run(Alg8.Shmpthreadcon, [name, "--producer", producing, "--consumer", consuming]);

        PrintedTheSlide(run, name, "");
        Assert.Equal("produced message: Hello World!\n", await Read("produced"));
        Assert.Equal("consumed message: Hello World!\n", await Read("consumed"));
    }

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Pairs))]
    public async Task Any_consumer_consumes_what_any_producer_has_produced(By producer, By consumer)
    {
        string name = NewObject();

        (await Run(await Peers.Producer(producer), [name])).Printed("produced message: Hello World!\n");
        (await Run(await Peers.Consumer(consumer), [name])).Printed("consumed message: Hello World!\n");
    }

    [Theory(Timeout = Limit)]
    [InlineData(By.CSharp)]
    [InlineData(By.C)]
    public async Task The_consumer_may_start_first_and_waits_for_the_message(By producer)
    {
        string name = NewObject();
        RunningProgram consuming = Start(Alg8.Shmconsumer, [name]);
        await Wait.Until(
            () => LiveProcess.HasMapped(consuming.Id, ObjectPath(name)), () => $"the mapping of {consuming}");

        await Run(await Peers.Producer(producer), [name]);

        (await consuming.Ends()).Printed("consumed message: Hello World!\n");
    }

    [Fact(Timeout = Limit)]
    public async Task A_waiting_consumer_sees_all_of_a_message_or_none()
    {
        string message = new('m', 4000);
        for (int run = 0; run < 50; run++)
        {
            string name = NewObject();
            RunningProgram consuming = Start(Alg8.Shmconsumer, [name]);

            (await Run(Alg8.Shmproducer, [name, message])).Printed($"produced message: {message}\n");
            (await consuming.Ends()).Printed($"consumed message: {message}\n");
        }
    }

    private Task<string> Read(string file) =>
        File.ReadAllTextAsync(Path.Combine(Folder, file), TestContext.Current.CancellationToken);

    // The transcript of 8-4: the listing of /dev/shm with the new, empty object, the children, the listing without it.
    private static void PrintedTheSlide(Finished run, string name, string children)
    {
        string seen = Listing.Row().Replace(Listing.Only(name.Equals, run.Output), row =>
            $"{row.Groups["mode"]} {row.Groups["links"]} USER GROUP {row.Groups["size"]} DATE {name}\n");
        Assert.Equal($"total 0\n-rw-r--r-- 1 USER GROUP 0 DATE {name}\n{children}total 0\n", seen);
        Assert.Equal((0, ""), (run.Status, run.Error));
    }
}
