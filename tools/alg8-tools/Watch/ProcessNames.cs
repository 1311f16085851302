using Algorithms.Linux;

namespace Algorithms;

/// <summary>Process ids with their names, those of processes that have gone since included.</summary>
internal sealed class ProcessNames
{
    private readonly Dictionary<int, string> _names = [];

    /// <summary>A process: <c>4711 alg8-2-shmread</c>.</summary>
    /// <param name="pid">Its id; 0 for one of another pid namespace.</param>
    /// <param name="runs">Whether it still runs: else its id may be another's by now.</param>
    public string Describe(int pid, bool runs = true)
    {
        if (pid == 0)
            return "in another container";
        if (pid == Environment.ProcessId)
            return $"{pid} this watch";

        if (runs && ProcFs.NameOf(pid) is { Length: > 0 } name)
            _names[pid] = VisibleText.Of(name);
        else
            runs = false;
        return (_names.TryGetValue(pid, out string? known) ? $"{pid} {known}" : $"{pid}") + (runs ? "" : " (gone)");
    }
}
