using System.Diagnostics;
using Algorithms.Linux;
using Algorithms.Session;

namespace Algorithms;

/// <summary>A process of the submission, or a reference program beside it, and what it prints.</summary>
internal sealed class Actor : IDisposable
{
    private readonly Ground _ground;
    private readonly Process _process;
    private readonly Captured _output, _error;

    public Actor(Ground ground, ProcessStartInfo start, int mostBytes)
    {
        _ground = ground;
        _process = Programs.Start(start);
        _output = new Captured(_process.StandardOutput.BaseStream, mostBytes, Kill);
        _error = new Captured(_process.StandardError.BaseStream, mostBytes, Kill);
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Its exit status: 128 + the signal where one has ended it.</summary>
    public int Status => _process.ExitCode;

    public string Output => _output.Text;

    public string Error => _error.Text;

    public byte[] AllBytes => [.. _error.Bytes, .. _output.Bytes];

    /// <summary>Whether it printed more than it may, and was ended for that.</summary>
    public bool Flooded => _output.IsFull || _error.IsFull;

    /// <summary>Type text, a line break behind it as it stands. Who has ended reads none.</summary>
    public void Type(string text)
    {
        try
        {
            _process.StandardInput.BaseStream.Write(System.Text.Encoding.UTF8.GetBytes(text));
            _process.StandardInput.BaseStream.Flush();
        }
        catch (IOException)
        {
            // What it did instead is looked at.
        }
    }

    public void CloseInput()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended.
        }
    }

    /// <summary>Wait for its end, and for what it printed.</summary>
    /// <returns>Whether it came in time.</returns>
    public bool Ends()
    {
        bool ended = _ground.Until(() => HasExited);
        if (ended)
            Task.WaitAll([_output.End, _error.End], 1500); // a stray may hold them for ever
        return ended;
    }

    /// <summary>The same, with a time limit of its own.</summary>
    public bool Ends(long deadline)
    {
        while (!HasExited && Environment.TickCount64 < deadline)
        {
            _ground.StopExcess();
            Thread.Sleep(2);
        }

        if (HasExited)
            Task.WaitAll([_output.End, _error.End], 500);
        return HasExited;
    }

    /// <summary>How it ended, in words.</summary>
    public string Fate()
    {
        if (!HasExited)
            return "it still ran when the time was over";
        return _ground.Excess
            ?? (Flooded ? "it printed without end, and was stopped"
            : $"it {Children.Fate(Status)}");
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private void Kill()
    {
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }
    }

    /// <summary>The first bytes of a stream, as they come; the rest is read and forgotten.</summary>
    private sealed class Captured
    {
        private readonly List<byte> _bytes = [];
        private readonly int _most;

        public Captured(Stream stream, int most, Action whenFull)
        {
            _most = most;
            End = Task.Run(() => Read(stream, whenFull));
        }

        public Task End { get; }

        public bool IsFull { get; private set; }

        public byte[] Bytes
        {
            get
            {
                lock (_bytes)
                    return [.. _bytes];
            }
        }

        // Where the limit has cut, it may have cut a character in two.
        public string Text => IsFull ? System.Text.Encoding.UTF8.GetString(Bytes) : Charset.Decode(Bytes);

        private void Read(Stream stream, Action whenFull)
        {
            byte[] buffer = new byte[16 * 1024];
            try
            {
                while (stream.Read(buffer) is > 0 and var read)
                {
                    lock (_bytes)
                        _bytes.AddRange(buffer.AsSpan(0, Math.Min(read, _most - _bytes.Count)));
                    if (_bytes.Count < _most || IsFull)
                        continue;
                    IsFull = true;
                    whenFull();
                }
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // It is over.
            }
        }
    }
}
