using System.Globalization;
using System.Text;

namespace Algorithms.Tests.Harness;

/// <summary>
/// A terminal, tmux's, with a server of its own. A program runs in it as typed at a shell's prompt; when it has ended,
/// its exit status stands below its output, and the terminal's settings from before and after are there to be compared.
/// </summary>
internal sealed class Terminal : IAsyncDisposable
{
    // stty's words before and after, and the exit status on the screen; then the screen stays as it is. Like a shell
    // that one types at, the script survives the interrupts that are meant for the program.
    private const string Script = """
        trap : INT QUIT
        stty -a > before
        "$@"
        echo "exit status $?"
        stty -a > after.new
        mv after.new after
        exec cat > /dev/null
        """;

    private readonly string tmux;
    private readonly string socket;
    private readonly string folder;
    private readonly Func<string, string[], RunningProgram> start;
    private bool isClosed;

    private Terminal(Func<string, string[], RunningProgram> start, string folder)
    {
        tmux = Tool.Find("tmux");
        socket = Path.Combine(folder, "tmux");
        this.folder = folder;
        this.start = start;
    }

    /// <summary>What the screen shows, its empty lines at the end left out.</summary>
    public string Screen { get; private set; } = "";

    /// <summary>Opens it; tmux is started in the folder by the one who owns it.</summary>
    public static async Task<Terminal> Open(
        Func<string, string[], RunningProgram> start, string folder, string[] command, int columns, int lines)
    {
        Terminal terminal = new(start, folder);
        await terminal.Tmux(
        [
            "-f", "/dev/null", "set-option", "-g", "status", "off", ";",
            "new-session", "-d", "-x", $"{columns}", "-y", $"{lines}", "sh", "-c", Script, "sh", .. command,
        ]);
        return terminal;
    }

    /// <summary>Waits until the screen shows the text as often as said.</summary>
    public Task Shows(string text, int times = 1) => Shows(text, times, []);

    /// <summary>
    /// The same, where what has scrolled off the screen counts too; lines that were wrapped are whole again.
    /// </summary>
    public Task HasShown(string text, int times = 1) => Shows(text, times, Scrolled);

    /// <summary>The same, with the colours and other attributes of the text as escape sequences.</summary>
    public Task ShowsColoured(string text) => Shows(text, 1, ["-e"]);

    /// <summary>Waits until what has been shown so far, on the screen or scrolled off it, is as wanted.</summary>
    public Task HasShown(Func<string, bool> isThere) => Shows(isThere, "the right text", Scrolled);

    /// <summary>Waits until the screen is as wanted.</summary>
    public Task Shows(Func<string, bool> isThere, string what) => Shows(isThere, what, []);

    private static string[] Scrolled => ["-J", "-S", "-"];

    private Task Shows(string text, int times, string[] options) =>
        Shows(screen => screen.Split(text).Length > times, $"'{text}'", options);

    private Task Shows(Func<string, bool> isThere, string what, string[] options) => Wait.Until(
        async () =>
        {
            Screen = (await Tmux(["capture-pane", "-p", "-N", .. options])).TrimEnd('\n') + "\n";
            return isThere(Screen);
        },
        () => $"{what} on the screen:\n{Screen}");

    /// <summary>What the screen shows, with the escape sequences that set its colours.</summary>
    public Task<string> ScreenWithColours() => Tmux(["capture-pane", "-p", "-e"]);

    /// <summary>Gives it another size, as with the mouse.</summary>
    public Task Resizes(int columns, int lines) => Tmux(["resize-window", "-x", $"{columns}", "-y", $"{lines}"]);

    /// <summary>Closes it, whatever runs in it.</summary>
    public async Task Closes()
    {
        await DisposeAsync();
        isClosed = true;
    }

    /// <summary>Types text as at the keyboard, and nothing after it.</summary>
    public Task Types(string text) => Tmux(["send-keys", "-l", text]);

    /// <summary>Presses a key by tmux's name for it: Enter, C-c, C-d.</summary>
    public Task Presses(string key) => Tmux(["send-keys", key]);

    /// <summary>Waits for the program's end; checks its exit status, and that the terminal is as it was.</summary>
    public async Task Ends(int status = 0)
    {
        await Shows(string.Create(CultureInfo.InvariantCulture, $"exit status {status}\n"));
        string after = Path.Combine(folder, "after");
        await Wait.Until(() => File.Exists(after), () => "stty");
        Assert.Equal(File.ReadAllText(Path.Combine(folder, "before")), File.ReadAllText(after));
    }

    public async ValueTask DisposeAsync()
    {
        if (isClosed)
        {
            return;
        }

        string[] pids = (await Tmux(["display-message", "-p", "#{pid} #{pane_pid}"])).TrimEnd().Split(' ');
        await Tmux(["kill-server"]);
        await Wait.Until(() => !pids.Any(LiveProcess.Runs), () => $"the end of tmux, {string.Join(" and ", pids)}");
    }

    private async Task<string> Tmux(string[] arguments)
    {
        using RunningProgram run = start(tmux, ["-u", "-S", socket, .. arguments]);
        Finished finished = await run.Ends();
        Assert.Equal((0, ""), (finished.Status, finished.Error));
        return Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(finished.Output));
    }
}
