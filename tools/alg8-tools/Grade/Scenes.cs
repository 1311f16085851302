using Algorithms.Session;

namespace Algorithms;

/// <summary>The words of a rubric: which scenes there are, for which programs, and what of each can count.</summary>
internal static class Scenes
{
    public const string Build = "build", Reader = "reader", Writer = "writer", Controller = "controller";
    public const string Session = "session", Set = "set", Queue = "queue", Arguments = "arguments";
    public const string Producer = "producer", Consumer = "consumer", ObjectController = "object-controller";

    public static IReadOnlyDictionary<string, Terms> Aspects { get; } = new Dictionary<string, Terms>
    {
        [Build] = new([.. Roles.All], [], []),
        [Arguments] = new([.. Roles.All], [], ["crash"]),
        [Reader] = new([Roles.Shmread], ["opening", "text", "slot", "end", "segment"], []),
        [Writer] = new([Roles.Shmwrite], ["opening", "text", "terminated", "echo", "slot", "end", "segment", "end-of-input"], ["lost-rest", "resend"]),
        [Controller] = new([Roles.Shmcon], ["opening", "segment", "children", "argument", "waits", "removes", "status", "closing"], []),
        [Producer] = new([Roles.Shmproducer], ["text", "echo", "end", "object"], []),
        [Consumer] = new([Roles.Shmconsumer], ["text", "end", "object"], []),
        [ObjectController] = new([Roles.Shmpthreadcon], ["object", "children", "argument", "waits", "unlinks", "status"], []),
        [Session] = new([.. Roles.Sets[0], .. Roles.Sets[1]], [], ["early-consumer"]),
        [Set] = new([Roles.Shmcon, Roles.Shmpthreadcon], [], ["early-consumer"]),
        [Queue] = new([Roles.QueueCon], ["order", "ahead", "full", "empty", "clean"], []),
    };

    /// <summary>What a rubric may say of a kind of check.</summary>
    public sealed record Terms(string[] Roles, string[] Expect, string[] Allow);
}
