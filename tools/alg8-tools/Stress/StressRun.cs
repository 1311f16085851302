using System.Diagnostics;
using System.Text;
using Algorithms.Linux;
using Algorithms.Options;
using Algorithms.Session;
using Mono.Unix.Native;

namespace Algorithms;

/// <summary>One program of the suite that runs under stress, and its children: they share its standard streams.</summary>
internal sealed class StressRun : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output, _error;

    /// <summary>Start a program.</summary>
    /// <param name="name">The program: <c>alg8-1-shmcon</c>.</param>
    /// <param name="folder">The folder in which it runs.</param>
    /// <param name="args">Its arguments.</param>
    public StressRun(string name, string folder, params string[] args)
    {
        ProcessStartInfo start = Programs.At(Suite.Sibling(name), args);
        start.WorkingDirectory = folder;
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        (start.StandardInputEncoding, start.StandardOutputEncoding) = (Encoding.Latin1, Encoding.Latin1); // bytes are compared
        start.StandardErrorEncoding = Encoding.UTF8;
        CommandLine = string.Join(' ', [name, .. args.Select(arg => arg.Length > 100 ? $"{arg[..100]}..." : arg)]);
        _process = Descendants.Start(start);
        _output = _process.StandardOutput.ReadToEndAsync();
        _error = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>The program with its arguments, as messages name it.</summary>
    public string CommandLine { get; }

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <summary>All that it and its children have printed; waits for the last of them.</summary>
    public string Output => _output.Result;

    /// <summary>The same for standard error.</summary>
    public string Error => _error.Result;

    /// <summary>Its exit status: 128 + the signal where one has ended it.</summary>
    public int Status => _process.ExitCode;

    /// <summary>The programs of the suite that are its children now: ipcs and ls, which it runs for their output, are not.</summary>
    public IEnumerable<int> ChildIds =>
        from pid in Read($"/proc/{Id}/task/{Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
        where Read($"/proc/{pid}/comm") is ['a', 'l', 'g', '8', '-', '2' or '3' or '5' or '6', ..]
        select int.Parse(pid);

    /// <summary>Give it text to read, and no more after it.</summary>
    public void Input(string text)
    {
        try
        {
            _process.StandardInput.Write(text);
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended, or closed its input: what it printed tells.
        }
    }

    /// <summary>Wait until it and all its children have ended.</summary>
    /// <returns>Whether they did in this time.</returns>
    public bool Ends(TimeSpan within) => Task.WhenAll(_output, _error, _process.WaitForExitAsync()).Wait(within);

    /// <summary>Send a signal to it. It may be gone.</summary>
    public void Send(Signum signal) => _ = Syscall.kill(Id, signal);

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return ""; // gone
        }
    }

    /// <summary>End it and its children, if they still run.</summary>
    public void Dispose()
    {
        if (!Ends(TimeSpan.Zero))
        {
            foreach (int pid in (int[])[.. ChildIds, Id])
                _ = Syscall.kill(pid, Signum.SIGKILL);
            Ends(TimeSpan.FromSeconds(5));
        }

        Descendants.Forget(Id);
        _process.Dispose();
    }
}
