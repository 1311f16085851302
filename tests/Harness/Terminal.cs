using System.Globalization;
using System.Text;

namespace Algorithms.Tests.Harness;

/// <summary>
/// A terminal of 100 columns and 60 lines, tmux's, with a server of its own. A program runs in it as typed at a
/// shell's prompt; when it has ended, its exit status stands below its output, and the terminal's settings from
/// before and after are there to be compared.
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
    private readonly IReadOnlyDictionary<string, string?> environment;

    private Terminal(string folder, IReadOnlyDictionary<string, string?> environment)
    {
        tmux = Tool.Find("tmux");
        socket = Path.Combine(folder, "tmux");
        this.folder = folder;
        this.environment = environment;
    }

    /// <summary>What the screen shows, its empty lines at the end left out.</summary>
    public string Screen { get; private set; } = "";

    public static async Task<Terminal> Open(
        string folder, IReadOnlyDictionary<string, string?> environment, string[] command)
    {
        Terminal terminal = new(folder, environment);
        await terminal.Tmux(
            ["-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "60", "sh", "-c", Script, "sh", .. command]);
        return terminal;
    }

    /// <summary>Waits until the screen shows the text as often as said.</summary>
    public Task Shows(string text, int times = 1) => Wait.Until(
        async () =>
        {
            Screen = (await Tmux(["capture-pane", "-p", "-N"])).TrimEnd('\n') + "\n";
            return Screen.Split(text).Length > times;
        },
        () => $"'{text}' on the screen:\n{Screen}");

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
        string[] pids = (await Tmux(["display-message", "-p", "#{pid} #{pane_pid}"])).TrimEnd().Split(' ');
        await Tmux(["kill-server"]);
        await Wait.Until(() => !pids.Any(LiveProcess.Runs), () => $"the end of tmux, {string.Join(" and ", pids)}");
    }

    private async Task<string> Tmux(string[] arguments)
    {
        using RunningProgram run = new(tmux, ["-u", "-S", socket, .. arguments], folder, environment);
        Finished finished = await run.Ends();
        Assert.Equal((0, ""), (finished.Status, finished.Error));
        return Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(finished.Output));
    }
}
