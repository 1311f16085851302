using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Algorithms.Linux;
using Algorithms.Options;

namespace Algorithms.Tests.Harness;

/// <summary>
/// A real process with a pipe at each of its three standard streams. What it prints is kept as bytes,
/// one char for each (Latin-1): text in these tests is bytes, as it is in the programs.
/// </summary>
internal sealed partial class RunningProgram : IDisposable
{
    private readonly Process process;
    private readonly Stream input;
    private readonly Captured output;
    private readonly Captured error;

    public RunningProgram(
        string file,
        IEnumerable<string> arguments,
        string folder,
        IReadOnlyDictionary<string, string?> environment)
    {
        ProcessStartInfo start = Programs.At(Path.IsPathRooted(file) ? file : Tool.Find(file), arguments);
        start.WorkingDirectory = folder;
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        foreach ((string name, string? value) in environment)
        {
            start.Environment[name] = value;
        }

        CommandLine = string.Join(' ', start.ArgumentList.Prepend(Path.GetFileName(file)));
        process = Programs.Start(start);
        input = process.StandardInput.BaseStream;
        output = new Captured(process.StandardOutput.BaseStream);
        error = new Captured(process.StandardError.BaseStream);
    }

    public int Id => process.Id;

    public bool HasEnded => process.HasExited;

    public string CommandLine { get; }

    /// <summary>What stands on standard output so far.</summary>
    public string Output => output.Text;

    /// <summary>What stands on standard error so far.</summary>
    public string Error => error.Text;

    /// <summary>Sends text to standard input, a byte for each char. A program that is gone takes none.</summary>
    public async Task Types(string text)
    {
        try
        {
            await input.WriteAsync(Encoding.Latin1.GetBytes(text), TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            // EPIPE: what the program said instead is there to be compared.
        }
    }

    /// <summary>Waits until standard output holds the text as often as said.</summary>
    public Task Shows(string text, int times = 1) =>
        Wait.Until(() => Output.Split(text).Length > times, () => $"'{text}' of {this}");

    /// <summary>Waits until standard error holds the text.</summary>
    public Task Complains(string text) => Wait.Until(() => Error.Contains(text), () => $"'{text}' of {this}");

    /// <summary>Ends standard input and waits for the end of the process, and of all that holds its streams.</summary>
    public Task<Finished> Ends(TimeSpan? patience = null)
    {
        input.Dispose();
        return IsGone(patience);
    }

    /// <summary>Waits for the end, with standard input left open.</summary>
    public async Task<Finished> IsGone(TimeSpan? patience = null)
    {
        Task end = Task.WhenAll(process.WaitForExitAsync(), output.All, error.All);
        await Wait.Until(() => end.IsCompleted, () => $"the end of {this}", patience);
        return new Finished(process.ExitCode, Output, LsComplaint().Replace(Error, ""));
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }

        process.Dispose();
    }

    public override string ToString() => $"""
        {CommandLine}
        on its standard output:
        {Output}
        on its standard error:
        {Error}
        """;

    // An object of another program may go after ls has read the folder and before it reads the object.
    [GeneratedRegex("^(/.*/)?ls: cannot access .*: No such file or directory\n", RegexOptions.Multiline)]
    private static partial Regex LsComplaint();

    /// <summary>A stream's bytes as they come.</summary>
    private sealed class Captured
    {
        private readonly StringBuilder text = new();

        public Captured(Stream stream) => All = Pump(stream);

        /// <summary>Completes at the stream's end.</summary>
        public Task All { get; }

        public string Text
        {
            get
            {
                lock (text)
                {
                    return text.ToString();
                }
            }
        }

        private async Task Pump(Stream stream)
        {
            byte[] buffer = new byte[64 * 1024];
            while (await stream.ReadAsync(buffer) is > 0 and int count)
            {
                lock (text)
                {
                    text.Append(Encoding.Latin1.GetString(buffer, 0, count));
                }
            }
        }
    }
}

/// <summary>
/// What a process leaves: its exit status (128 + the signal where one ended it), and all that it printed.
/// </summary>
internal sealed record Finished(int Status, string Output, string Error)
{
    /// <summary>Exit status 0, this standard output, and nothing on standard error.</summary>
    public void Printed(string expected)
    {
        Assert.Equal(expected, Output);
        Assert.Equal("", Error);
        Assert.Equal(0, Status);
    }

    /// <summary>An error as the programs report it: exit status 1, on standard error, no stack trace.</summary>
    public void Failed(params string[] says)
    {
        Assert.All(says, text => Assert.Contains(text, Error));
        Assert.NotEqual("", Error);
        Assert.DoesNotContain("   at ", Error);
        Assert.DoesNotContain("Unhandled exception", Error);
        Assert.Equal(1, Status);
    }

    /// <summary>The same, before anything was printed.</summary>
    public void FailedAtOnce(params string[] says)
    {
        Failed(says);
        Assert.Equal("", Output);
    }
}
