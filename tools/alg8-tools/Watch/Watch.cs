using System.CommandLine;
using System.Globalization;
using Algorithms.Linux;
using Algorithms.Options;
using Algorithms.Session;
using Mono.Unix.Native;
using static Algorithms.Console.Stdio;
using static Algorithms.ShmData;

namespace Algorithms;

/// <summary>The command <c>watch</c>: a live view of a segment or an object, which it never disturbs.</summary>
internal static class Watch
{
    private const int STDIN_FILENO = 0, STDOUT_FILENO = 1;
    private const int LookMilliseconds = 100;
    private const int UsualWidth = 80, PlainHeight = 40;

    private static readonly Argument<string?> _argument = new("KEY|SHMID|NAME|PATHNAME")
    {
        Description = "What to watch: the first of these, in this order, that there is. "
            + "0x27 can only be a key, /dev/shm/NAME only an object, ./NAME only a file. Without it: a list to choose from",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<bool> _once = new("--once") { Description = "Print one picture, plain, and end" };
    private static readonly Option<int?> _projId = CommandLine.ProjId();

    public static Command Command()
    {
        Command command = new("watch", "Watch a segment or an object: what the kernel knows of it, and what is in it") { _argument, _once, _projId };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult options)
    {
        bool isTerminal = Syscall.isatty(STDOUT_FILENO);
        string? argument = options.GetValue(_argument);
        if (argument is null)
        {
            List<WatchList.Choice> choices = WatchList.All();
            if (choices.Count == 0)
            {
                printf("nothing to watch: there is no segment and no object of the suite\n");
                return EXIT_SUCCESS;
            }

            if (!isTerminal || !LiveScreen.IsPossible || !Syscall.isatty(STDIN_FILENO) || options.GetValue(_once))
            {
                printf(string.Concat(choices.Select(choice => $"{VisibleText.Of(choice.Argument)}   {choice.Description}\n")));
                Notice($"hint: name one of them: {Suite.Call("alg8-tools watch")} {VisibleText.Of(choices[0].Argument)}");
                return EXIT_SUCCESS;
            }

            if (WatchList.Ask(choices) is not { } choice)
                return EXIT_SUCCESS;
            argument = choice.Argument;
        }

        using Watched watched = WatchTarget.Open(argument, options.GetValue(_projId) ?? PROJ_ID);
        if (options.GetValue(_once))
            PrintOnce(watched, isTerminal);
        else if (isTerminal && LiveScreen.IsPossible)
            Live(watched);
        else
            Log(watched, isTerminal);
        return EXIT_SUCCESS;
    }

    // One picture, for slides and logs.
    private static void PrintOnce(Watched watched, bool isTerminal)
    {
        if (watched.Refresh() is { } gone)
            throw ErrExit.Because($"{ErrExit.Program}: {gone}");
        int width = PlainWidth(isTerminal);
        printf(Line.Plain([Title(watched, width, ""), .. new Picture().Draw(Look.At(watched), width, PlainHeight)], width));
    }

    // Where there is no terminal, or one that can do nothing: a picture whenever something has changed.
    private static void Log(Watched watched, bool isTerminal)
    {
        Picture picture = new();
        int width = PlainWidth(isTerminal);
        string shown = "", before = "";
        string? gone;
        while ((gone = watched.Refresh()) is null)
        {
            string now = Line.Plain(picture.Draw(Look.At(watched), width, PlainHeight), width);
            string unmarked = now.Replace('*', ' '); // that a mark goes is no change
            if (unmarked != before)
                printf((shown.Length == 0 ? "" : "\n") + (shown = Line.Plain([Title(watched, width, "")], width) + now));
            before = unmarked;
            Signals.Sleep(LookMilliseconds);
        }

        printf($"\n{LastLine(gone)}");
    }

    // Until q, or until it goes: then its last picture stays on the terminal.
    private static void Live(Watched watched)
    {
        Picture picture = new();
        List<Line> lines = [];
        string? gone;
        using (LiveScreen screen = new())
        {
            while ((gone = watched.Refresh()) is null && !screen.IsLeft)
            {
                (int width, int height) = LiveScreen.Size;
                lines = [Title(watched, width, screen.ReadsKeys ? "   q leaves" : ""), .. picture.Draw(Look.At(watched), width, height - 1)];
                screen.Show(lines, width, height);
                Signals.Sleep(LookMilliseconds);
            }
        }

        if (gone is null)
            return;
        (int lastWidth, int lastHeight) = LiveScreen.Size;
        int room = Math.Max(0, lastHeight - 2);
        printf(Line.Plain(lines.Skip(1).Take(room), lastWidth) + LastLine(gone));
    }

    // What it is, on the left; the time, where there is room for it, and what one can do, on the right.
    private static Line Title(Watched watched, int width, string keys)
    {
        string clock = $"{DateTime.Now:HH:mm:ss}{keys}";
        string right = VisibleText.Cells(watched.Title) + 1 + clock.Length <= width ? clock : keys.TrimStart();
        string left = VisibleText.Clip(watched.Title, Math.Max(0, width - right.Length - 1));
        return new Line().Add(left, Styles.Strong).To(width - right.Length).Add(right, Styles.Faint);
    }

    private static string LastLine(string gone) => $"{gone}, {DateTime.Now:HH:mm:ss}\n";

    private static int PlainWidth(bool isTerminal) =>
        isTerminal ? LiveScreen.Size.Width
        : int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), NumberStyles.None, CultureInfo.InvariantCulture, out int columns) && columns > 0 ? columns
        : UsualWidth;
}
