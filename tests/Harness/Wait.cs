namespace Algorithms.Tests.Harness;

/// <summary>Waiting for a condition, never for a time.</summary>
internal static class Wait
{
    /// <summary>Far longer than anything here takes: what has not come by then never will.</summary>
    public static readonly TimeSpan Hung = TimeSpan.FromSeconds(90);

    /// <summary>Returns as soon as the condition holds; fails, saying what never came, when all seems hung.</summary>
    public static Task Until(Func<bool> condition, Func<string> what, TimeSpan? patience = null) =>
        Until(() => Task.FromResult(condition()), what, patience);

    /// <summary>The same for a condition that takes a while to be looked at.</summary>
    public static async Task Until(Func<Task<bool>> condition, Func<string> what, TimeSpan? patience = null)
    {
        using var hung = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        hung.CancelAfter(patience ?? Hung);
        while (!await condition())
        {
            try
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), hung.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"Waited without success for {what()}");
            }
        }
    }
}
