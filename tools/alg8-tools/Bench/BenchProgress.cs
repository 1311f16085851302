using Mono.Unix.Native;
using Spectre.Console;

namespace Algorithms;

/// <summary>A progress bar on standard error while the bench runs, gone at its end; where that is no terminal, nothing at all.</summary>
internal sealed class BenchProgress : IDisposable
{
    private const int STDERR_FILENO = 2;

    private readonly TaskCompletionSource _over = new();
    private readonly Task _shown = Task.CompletedTask;
    private ProgressTask? _task;

    /// <summary>Show it.</summary>
    /// <param name="runs">How many runs there will be.</param>
    public BenchProgress(int runs)
    {
        if (!Syscall.isatty(STDERR_FILENO) || runs == 0)
            return;

        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(System.Console.Error) });
        _shown = console.Progress().AutoClear(true)
            .Columns(new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .StartAsync(async context =>
            {
                _task = context.AddTask("measuring", maxValue: runs);
                await _over.Task;
            });
    }

    /// <summary>One run of this is done.</summary>
    public void Done(string subject)
    {
        if (_task is null)
            return;
        _task.Description = Markup.Escape(subject);
        _task.Increment(1);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _over.TrySetResult();
        _shown.GetAwaiter().GetResult();
    }
}
