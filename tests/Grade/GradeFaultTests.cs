using Algorithms.Tests.Harness;

namespace Algorithms.Tests.Grade;

/// <summary>
/// Faults of the kind that students make, each a patch in tests/submissions/faulty: each loses the points that it should,
/// and no others.
/// </summary>
public sealed class GradeFaultTests : GradeTest
{
    private static readonly string[] AllOfReader =
    [
        "attaches the segment of its key, and says so", "prints one message", "prints several messages, in order, each once",
        "prints blanks and UTF-8 as they are", "prints a long line whole", "gives the slot back after each message",
        "ends after `end`, with 0", "leaves the segment to its controller", "works with the suite's controller and writer",
    ];

    /// <summary>The program at fault, and which of its checks lose their points.</summary>
    private static readonly Dictionary<string, (string Program, string[] Lost)> Expected = new()
    {
        ["no-ipc-rmid"] = ("shmcon", ["removes the segment, and ends with 0", "works with the suite's reader and writer"]),
        ["key-in-decimal"] = ("shmcon", ["gives them the key in hexadecimal", "works with the suite's reader and writer"]),
        ["waits-for-one-child"] = ("shmcon", ["waits for both children"]),
        ["segment-too-small"] = ("shmcon", ["makes a segment of 4100 bytes, mode 0666", "works with the suite's reader and writer"]),
        ["removes-all-segments"] = ("shmcon", []), // there are none but its own
        ["written-never-reset"] = ("shmread",
        [
            "prints several messages, in order, each once", "prints blanks and UTF-8 as they are", "prints a long line whole",
            "gives the slot back after each message", "works with the suite's controller and writer",
        ]),
        ["hard-coded-key"] = ("shmread", AllOfReader),
        ["compile-error"] = ("shmread", ["builds", .. AllOfReader, "without a key, ends with an error"]),
        ["prints-beyond-the-nul"] = ("shmread",
        [
            "prints one message", "prints several messages, in order, each once", "prints blanks and UTF-8 as they are",
            "prints a long line whole", "works with the suite's controller and writer",
        ]),
        ["no-nul"] = ("shmwrite", ["ends each message with a NUL"]),
        ["does-not-wait"] = ("shmwrite",
            ["waits until a message has been read", "survives a line that does not fit", "works with the suite's controller and reader"]),
        ["kills-its-parent"] = ("shmwrite", ["works with the suite's controller and reader"]),
        ["object-left"] = ("shmpthreadcon", ["unlinks the object, and ends with 0", "works with the suite's producer and consumer"]),
        ["wrong-name"] = ("shmpthreadcon", ["gives them the name as it was passed", "works with the suite's producer and consumer"]),
        ["endless-output"] = ("shmproducer",
            ["prints what it produces", "ends with 0, and leaves the object to its controller", "works with the suite's controller and consumer"]),
        ["forks-without-end"] = ("shmproducer",
            ["ends with 0, and leaves the object to its controller", "works with the suite's controller and consumer"]),
        ["prints-to-stderr"] = ("shmconsumer",
        [
            "prints the message in the object of its name", "prints blanks and UTF-8 as they are", "prints a long message whole",
            "works with the suite's controller and producer",
        ]),
        ["never-ends"] = ("shmconsumer", ["ends with 0, and leaves the object as it was", "works with the suite's controller and producer"]),
        ["queue-stuck-when-full"] = ("queuecon", ["loses and mixes nothing when it is full"]),
        ["queue-off-by-one"] = ("queuecon", ["loses and mixes nothing when it is full"]),
        ["queue-overwrites"] = ("queuecon", ["loses and mixes nothing when it is full"]),
        ["queue-wraps-late"] = ("queuecon", ["loses and mixes nothing when it is full", "keeps the order when it wraps around"]),
    };

    [Theory(Timeout = LongLimit)]
    [InlineData("shmcon", "shmread", "shmwrite")]
    [InlineData("shmpthreadcon", "shmproducer", "shmconsumer")]
    [InlineData("queuecon")]
    public async Task Each_fault_loses_its_points_and_no_others(params string[] programs)
    {
        string[] faults = [.. Faults.Where(fault => programs.Contains(Expected[fault].Program))];
        string[] submissions = await Task.WhenAll(faults.Select(fault => Faulty(fault, fault)));
        string json = NewPath();

        Finished run = await Grade(["--rubric", RubricFor(programs), "--json", json, "--jobs", "4", .. submissions]);

        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Multiple([.. faults.Select<string, Action>(fault => () => Assert.Equal(
            [fault, .. Expected[fault].Lost.Select(check => Name(Expected[fault].Program, check)).Order()],
            [fault, .. Lost(Path.Combine(json, $"{fault}.json")).Order()]))]);
    }

    private static string Name(string program, string check) => $"{(program == "queuecon" ? "queue" : program)}: {check}";
}
