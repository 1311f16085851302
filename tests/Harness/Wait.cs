namespace Algorithms.Tests.Harness;

/// <summary>Waiting for a condition, never for a time.</summary>
internal static class Wait
{
    /// <summary>Far longer than anything here takes: what has not come by then never will.</summary>
    public static readonly TimeSpan Hung = TimeSpan.FromSeconds(30);

    /// <summary>Returns as soon as the condition holds; fails, saying what never came, when all seems hung.</summary>
    public static Task Until(Func<bool> condition, Func<string> what) =>
        Until(() => Task.FromResult(condition()), what);

    /// <summary>The same for a condition that takes a while to be looked at.</summary>
    public static async Task Until(Func<Task<bool>> condition, Func<string> what)
    {
        using var hung = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        hung.CancelAfter(Hung);
        while (!await condition())
        {
            try
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), hung.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"Waited in vain for {what()}");
            }
        }
    }

    /// <summary>Awaits a task in the same way.</summary>
    public static Task Until(Task task, Func<string> what) => Until(() => task.IsCompleted, what);
}
