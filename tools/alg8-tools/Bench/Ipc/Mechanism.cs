namespace Algorithms;

/// <summary>A mechanism of interprocess communication that can be measured.</summary>
/// <param name="Name">Its name: <c>buffer-10</c>.</param>
/// <param name="HasTwin">Whether the suite implements it itself, so that there is a C twin of it.</param>
/// <param name="Open">Make it, or with an address find it, for messages of so many bytes.</param>
internal sealed record Mechanism(string Name, bool HasTwin, Func<string?, int, Channel> Open)
{
    /// <summary>The slide's, whose sleep(1) makes all others look fast.</summary>
    public const string Sleeping = "written-sleep";

    private const int SlideInterval = 1000;

    /// <summary>All of them: first those in shared memory, then those that pass messages.</summary>
    public static IReadOnlyList<Mechanism> All { get; } =
    [
        new(Sleeping, true, (address, _) => new SlotChannel(address, Wait(WaitStrategy.Sleep))),
        new("written-spin", true, (address, _) => new SlotChannel(address, Wait(WaitStrategy.Spin))),
        new("written-futex", true, (address, _) => new SlotChannel(address, Wait(WaitStrategy.Futex))),
        new("buffer-10", true, (address, size) => new BufferChannel(address, 10, size, () => Wait(WaitStrategy.Futex))),
        new("buffer-1024", true, (address, size) => new BufferChannel(address, 1024, size, () => Wait(WaitStrategy.Futex))),
        new("sysv-queue", false, (address, size) => new SysvQueueChannel(address, size)),
        new("posix-queue", false, (address, size) => new PosixQueueChannel(address, size)),
        new("pipe", false, (address, _) => new PipeChannel(address)),
        new("fifo", false, (address, _) => new FifoChannel(address)),
        new("unix", false, (address, _) => new UnixChannel(address)),
        new("tcp", false, (address, _) => new TcpChannel(address)),
    ];

    private static Waiting Wait(WaitStrategy strategy) => new(strategy, SlideInterval);
}
