namespace Algorithms;

/// <summary>The parts that a program of a submission can play.</summary>
internal static class Roles
{
    public const string Shmcon = "shmcon", Shmread = "shmread", Shmwrite = "shmwrite";
    public const string Shmpthreadcon = "shmpthreadcon", Shmproducer = "shmproducer", Shmconsumer = "shmconsumer";
    public const string QueueCon = "queuecon", QueueRead = "queueread", QueueWrite = "queuewrite";

    /// <summary>Each controller, and the two children that it starts.</summary>
    public static IReadOnlyList<string[]> Sets { get; } =
    [
        [Shmcon, Shmread, Shmwrite],
        [Shmpthreadcon, Shmproducer, Shmconsumer],
        [QueueCon, QueueRead, QueueWrite],
    ];

    public static IReadOnlyList<string> All { get; } = [.. Sets.SelectMany(set => set)];

    /// <summary>The three programs that work together with this one, the controller first.</summary>
    public static string[] SetOf(string role) => Sets.First(set => set.Contains(role));

    /// <summary>The suite's own program for a role; the queue's are those of the single slot, with an option.</summary>
    public static string Reference(string role) => role switch
    {
        Shmcon or QueueCon => "alg8-1-shmcon",
        Shmread or QueueRead => "alg8-2-shmread",
        Shmwrite or QueueWrite => "alg8-3-shmwrite",
        Shmpthreadcon => "alg8-4-shmpthreadcon",
        Shmproducer => "alg8-5-shmproducer",
        _ => "alg8-6-shmconsumer",
    };
}
