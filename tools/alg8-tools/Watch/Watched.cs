namespace Algorithms;

/// <summary>Something that is looked at, and never written to: a System V segment or an object in /dev/shm.</summary>
internal abstract class Watched : IDisposable
{
    /// <summary>What it is called.</summary>
    public abstract string Title { get; }

    /// <summary>Its size in bytes when last looked at.</summary>
    public abstract long Size { get; }

    /// <summary>What the kernel knows of it, each with a word before it.</summary>
    public abstract IEnumerable<(string Label, string Value)> Facts { get; }

    /// <summary>Look at it again.</summary>
    /// <returns>Null while it is there; else what became of it.</returns>
    public abstract string? Refresh();

    /// <summary>Read bytes of it.</summary>
    /// <returns>How many there were.</returns>
    public abstract int Read(Span<byte> room, long offset);

    /// <summary>The look is over: let go of what is not to be held until the next one.</summary>
    public virtual void Rest()
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Let go of it.</summary>
    protected abstract void Dispose(bool disposing);

    /// <summary>A moment as a clock shows it; with its date where that is not today's.</summary>
    /// <param name="moment">Seconds since 1970; 0 for never.</param>
    protected static string Clock(long moment)
    {
        DateTime time = DateTimeOffset.FromUnixTimeSeconds(moment).LocalDateTime;
        return moment == 0 ? "never" : time.Date == DateTime.Today ? $"{time:HH:mm:ss}" : $"{time:yyyy-MM-dd HH:mm:ss}";
    }
}
