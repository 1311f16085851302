using System.Runtime.CompilerServices;
using Algorithms.Linux;
using Spectre.Console;
using static Algorithms.ShmData;

namespace Algorithms;

/// <summary>
/// What there is to watch: segments with the suite's project id in the key or of a size that it makes, and objects of such
/// a size or with its header.
/// </summary>
internal static class WatchList
{
    private const string Objects = "/dev/shm";
    private static readonly int _slot = TEXT_NUM * Unsafe.SizeOf<shared_struct>();

    /// <summary>One thing to choose.</summary>
    /// <param name="Argument">What the command watch is given for it.</param>
    /// <param name="Description">What it is.</param>
    public sealed record Choice(string Argument, string Description);

    /// <summary>All of them.</summary>
    public static List<Choice> All() => [.. Segments(), .. TheObjects()];

    /// <summary>Let somebody at a terminal choose one.</summary>
    /// <returns>Null where none is wanted.</returns>
    public static Choice? Ask(List<Choice> choices)
    {
        Choice none = new("", "none of them");
        SelectionPrompt<Choice> prompt = new SelectionPrompt<Choice>()
            .Title("Watch what? (arrow keys, Enter)")
            .UseConverter(choice => Markup.Escape(choice == none ? none.Description : $"{VisibleText.Of(choice.Argument)}   {choice.Description}"))
            .AddChoices([.. choices, none]);

        // In another thread, so that a signal ends it.
        using CancellationTokenSource stop = new();
        using IDisposable cursor = Signals.Own(AnsiConsole.Cursor.Show);
        Task<Choice> answer = Task.Run(() => prompt.ShowAsync(AnsiConsole.Console, stop.Token));
        try
        {
            while (!answer.Wait(PollMilliseconds))
                Signals.ThrowIfStopped();
        }
        finally
        {
            stop.Cancel();
        }

        return answer.Result == none ? null : answer.Result;
    }

    private const int PollMilliseconds = 100;

    private static IEnumerable<Choice> Segments() =>
        from segment in SegmentInfo.List()
        where segment.Key != LibC.IPC_PRIVATE && !segment.IsRemoved
        let kind = segment.Size == _slot ? "a single slot"
            : PlacesIn(segment.Size) is var places and > 0 ? $"a queue of {places}"
            : segment.Key >> 24 == PROJ_ID ? $"{segment.Size} bytes, no size of the suite's"
            : null
        where kind is not null
        select new Choice(
            $"0x{segment.Key:x}",
            $"segment {segment.Shmid}, {kind}, owner {VisibleText.Of(segment.OwnerName())}, nattch {segment.Attached}");

    private static IEnumerable<Choice> TheObjects() =>
        from path in Directory.Exists(Objects) ? Directory.GetFiles(Objects) : []
        orderby path
        let name = Path.GetFileName(path)
        let kind = KindOf(name)
        where kind is not null
        select new Choice(path, $"object, {kind}");

    private static string? KindOf(string name)
    {
        if (ObjectInfo.Named(name) is not { IsRegular: true } info)
            return null;
        if (info.Size == _slot)
            return $"a single message, owner {VisibleText.Of(info.OwnerName())}";
        if (info.Size < Unsafe.SizeOf<buffer_header>())
            return null;

        using ShmObject fd = ShmObject.Open(name, Mono.Unix.Native.OpenFlags.O_RDONLY, 0);
        return !fd.IsInvalid && Ring.HeaderIn(fd.Read, info.Size) is { } header
            ? $"a bounded buffer of {header.buffer_size}, owner {VisibleText.Of(info.OwnerName())}"
            : null;
    }

    // Of a queue of messages, by its size alone; 0 where it cannot be one.
    private static long PlacesIn(long size)
    {
        long header = BoundedBuffer.SizeOf(0, TEXT_SIZE), item = BoundedBuffer.SizeOf(1, TEXT_SIZE) - header;
        long places = (size - header) / item;
        return places >= BoundedBuffer.LeastBufferSize && (size - header) % item == 0 ? places : 0;
    }
}
