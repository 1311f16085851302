using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Algorithms.Options;

/// <summary>The options of the bounded buffer, for the POSIX programs: what 8-4 is told, it hands on to 8-5 and 8-6.</summary>
public sealed class BufferOptions
{
    /// <summary>The text of an item that is a number: 64 bits, little-endian.</summary>
    public const int NumberSize = sizeof(long);

    private const int SlideBufferSize = 10;

    /// <summary>How many numbered items to pass, instead of one message.</summary>
    public Option<long?> Items { get; } = CommandLine.LongNumber(
        "--items", "N", "Pass N numbered items through the bounded buffer, instead of one message", least: 0);

    /// <summary>The number of the first item, for a producer alone.</summary>
    public Option<long?> First { get; } = CommandLine.LongNumber(
        "--first", "K", "With --items: the number of the first one (default: 1)", least: 1);

    /// <summary>Pass standard input through to standard output.</summary>
    public Option<bool> Stream { get; } = new("--stream")
    {
        Description = "Pass standard input through the bounded buffer to standard output, byte for byte",
    };

    /// <summary>BUFFER_SIZE.</summary>
    public Option<int?> BufferSize { get; } = Size($"places in the buffer, one of which stays free (default: {SlideBufferSize}, as on the slide)");

    /// <summary>The most bytes of an item in a stream.</summary>
    public Option<int> TextSize { get; } = CommandLine.Number(
        "--text-size", "BYTES", "The most bytes of an item, with --stream", ShmData.TEXT_SIZE, least: 1, most: 1 << 30);

    /// <summary>Only the closing summary.</summary>
    public Option<bool> Quiet { get; } = new("--quiet") { Description = "With --items: print the closing summary only" };

    /// <summary>A line about the stream, on standard error.</summary>
    public Option<bool> Stats { get; } = new("--stats") { Description = "With --stream: tell bytes, items and time, on standard error" };

    /// <summary>How to wait.</summary>
    public WaitingOptions Waiting { get; } = new("spin for items, futex for a stream");

    /// <summary>Let a command have all of them.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[Items, Stream, BufferSize, TextSize, Quiet, Stats])
            command.Options.Add(option);
        Waiting.AddTo(command);
        foreach (Option option in (Option[])[BufferSize, .. Waiting.All])
            CommandLine.Needs(command, option, Items, Stream);
        CommandLine.Needs(command, Quiet, Items);
        CommandLine.Needs(command, TextSize, Stream);
        CommandLine.Needs(command, Stats, Stream);
        command.Validators.Add(result =>
        {
            if (result.GetResult(Items) is not null && result.GetResult(Stream) is not null)
                result.AddError("--items and --stream: give one of them");
        });
    }

    /// <summary>Let a producer have --first.</summary>
    public void AddFirstTo(Command command)
    {
        command.Options.Add(First);
        CommandLine.Needs(command, First, Items);
        command.Validators.Add(result =>
        {
            if (NumberOf(result, First) is { } first && NumberOf(result, Items) is { } items && items - 1 > long.MaxValue - first)
                result.AddError($"--first {first}, --items {items}: the last number would be greater than {long.MaxValue}");
        });

        // To ask for the value itself would throw where its own parser has refused it.
        static long? NumberOf(SymbolResult result, Option option) =>
            result.GetResult(option) is { Tokens: [var token, ..] } && long.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
                ? number
                : null;
    }

    /// <summary>An option --buffer-size.</summary>
    /// <param name="description">What follows the number in the help.</param>
    public static Option<int?> Size(string description) => new("--buffer-size")
    {
        HelpName = "N",
        Description = "The number of " + description,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int size) || size == 0)
                return CommandLine.Refuse<int?>(result, $"--buffer-size '{text}': not a whole number from 2 to {int.MaxValue}");
            if (size < BoundedBuffer.LeastBufferSize)
                return CommandLine.Refuse<int?>(result, $"--buffer-size '{text}': one place stays free, so a buffer of {size} can hold nothing; give 2 or more");
            return size;
        },
    };

    /// <summary>Whether the command line asks for the bounded buffer at all.</summary>
    public bool AreGiven(ParseResult options) => options.GetValue(Items) is not null || options.GetValue(Stream);

    /// <summary>The buffer's size and its items' text size, in bytes.</summary>
    public (int BufferSize, int TextSize) SizesFrom(ParseResult options) =>
        (options.GetValue(BufferSize) ?? SlideBufferSize, options.GetValue(Stream) ? options.GetValue(TextSize) : NumberSize);

    /// <summary>The waiting that the command line asks for.</summary>
    public Waiting WaitingFrom(ParseResult options) => Waiting.From(options, DefaultFrom(options));

    /// <summary>The arguments for a child, behind the name: only what differs from the defaults.</summary>
    /// <param name="options">The command line.</param>
    /// <param name="items">The child's share of the items.</param>
    public string[] ArgumentsFrom(ParseResult options, long? items)
    {
        bool stream = options.GetValue(Stream);
        int bufferSize = SizesFrom(options).BufferSize, textSize = options.GetValue(TextSize);
        return
        [
            .. items is { } n ? (string[])[Items.Name, $"{n}"] : [],
            .. stream ? (string[])[Stream.Name] : [],
            .. bufferSize == SlideBufferSize ? (string[])[] : [BufferSize.Name, $"{bufferSize}"],
            .. !stream || textSize == ShmData.TEXT_SIZE ? (string[])[] : [TextSize.Name, $"{textSize}"],
            .. options.GetValue(Quiet) ? (string[])[Quiet.Name] : [],
            .. options.GetValue(Stats) ? (string[])[Stats.Name] : [],
            .. Waiting.ArgumentsFrom(options, DefaultFrom(options)),
        ];
    }

    /// <summary>Make sure that the buffer in the memory is the one that the command line speaks of.</summary>
    /// <exception cref="ErrExit">It is not.</exception>
    public void Check(ParseResult options, BoundedBuffer buffer)
    {
        string? hint = options.GetValue(BufferSize) is { } size && buffer.BufferSize != size ? $"--buffer-size {buffer.BufferSize} is what fits it"
            : !options.GetValue(Stream) && buffer.TextSize < NumberSize ? $"its items are too short for numbers of {NumberSize} bytes; --stream can use it"
            : null;
        if (hint is not null)
            throw ErrExit.Because($"{ErrExit.Program}: the buffer has buffer_size {buffer.BufferSize}, text_size {buffer.TextSize}", hint);
    }

    private WaitStrategy DefaultFrom(ParseResult options) => options.GetValue(Stream) ? WaitStrategy.Futex : WaitStrategy.Spin;
}
