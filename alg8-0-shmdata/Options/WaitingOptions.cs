using System.CommandLine;

namespace Algorithms.Options;

/// <summary>The options --wait and --interval, for those that wait and for the controllers that hand them on.</summary>
/// <param name="slide">What the help says of the default.</param>
public sealed class WaitingOptions(string slide)
{
    private const int SlideInterval = 1000, MostInterval = 3_600_000;

    private readonly Option<WaitStrategy?> _wait = new("--wait")
    {
        HelpName = "sleep|spin|futex",
        Description = $"How to wait for the other side: sleep between looks, look all the time, or be woken by it (default: {slide})",
        CustomParser = result => result.Tokens[0].Value switch
        {
            "sleep" => WaitStrategy.Sleep,
            "spin" => WaitStrategy.Spin,
            "futex" => WaitStrategy.Futex,
            var text => CommandLine.Refuse<WaitStrategy?>(result, $"--wait '{text}': not one of sleep, spin, futex"),
        },
    };

    private readonly Option<int> _interval = CommandLine.Number(
        "--interval", "MILLISECONDS", "The time between two looks of sleep", SlideInterval, least: 0, MostInterval);

    /// <summary>Both.</summary>
    public IEnumerable<Option> All => [_wait, _interval];

    /// <summary>Let a command have both.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in All)
            command.Options.Add(option);
    }

    /// <summary>The waiting that the command line asks for.</summary>
    /// <param name="options">The command line.</param>
    /// <param name="usual">The strategy where it names none.</param>
    public Waiting From(ParseResult options, WaitStrategy usual) => new(options.GetValue(_wait) ?? usual, options.GetValue(_interval));

    /// <summary>The arguments for a child: only what differs from the defaults.</summary>
    /// <param name="options">The command line.</param>
    /// <param name="usual">The strategy where it names none.</param>
    public string[] ArgumentsFrom(ParseResult options, WaitStrategy usual)
    {
        WaitStrategy strategy = options.GetValue(_wait) ?? usual;
        int interval = options.GetValue(_interval);
        return
        [
            .. strategy == usual ? (string[])[] : [_wait.Name, strategy.ToString().ToLowerInvariant()],
            .. interval == SlideInterval ? (string[])[] : [_interval.Name, $"{interval}"],
        ];
    }
}
