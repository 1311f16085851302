namespace Algorithms.Console;

/// <summary>
/// The slide's fgets(buffer, BUFSIZ, stdin), on bytes, where nothing is lost: a line that is too long for one message
/// goes on in the next, the end of input is told, and what was read beyond the last line is given back, as C does at exit.
/// </summary>
/// <param name="side">This side of the shared memory, which pauses while nobody types.</param>
/// <param name="most">The longest message, without its NUL, in bytes.</param>
public sealed class LineInput(IPausing side, int most) : IDisposable
{
    private readonly byte[] _buffer = new byte[2 * (most + 1)]; // C's BUFSIZ, for a page
    private int _start, _end;
    private bool _ended, _afterNul;

    private ReadOnlySpan<byte> Waiting => _buffer.AsSpan(_start.._end);

    /// <summary>Read the next line, or the next piece of one, the newline included.</summary>
    /// <param name="text">The bytes, up to a NUL as in C; good until the next call.</param>
    /// <returns>False at the end of input.</returns>
    /// <exception cref="ErrExit">It cannot be read, or the peer is gone.</exception>
    public bool TryRead(out ReadOnlySpan<byte> text)
    {
        do
        {
            // Two bytes more than fit tell whether a piece that begins here could be taken for an `end`.
            while (!Waiting.Contains((byte)'\n') && Waiting.Length < most + "end".Length && Fill())
            {
            }

            text = Waiting[..LengthOfPiece(Waiting)];
            _start += text.Length;
        }
        while (RestOfLineAfterNul(text) && !text.IsEmpty);

        bool any = !text.IsEmpty;
        ReadOnlySpan<byte> upToNul = CString.UpToNul(text);
        if (upToNul.Length < text.Length)
        {
            _afterNul = text[^1] != '\n';
            text = upToNul;
        }

        return any;
    }

    /// <summary>Give back what was read and not used.</summary>
    public void Dispose() => Stdio.Unread(Waiting.Length);

    // fgets reads to the newline, and strncpy stops at a NUL: the bytes between are dropped, in later pieces too.
    private bool RestOfLineAfterNul(ReadOnlySpan<byte> piece)
    {
        bool rest = _afterNul;
        if (piece.IsEmpty || piece[^1] == '\n')
            _afterNul = false;
        return rest;
    }

    private int LengthOfPiece(ReadOnlySpan<byte> bytes)
    {
        int newline = bytes.IndexOf((byte)'\n');
        if (newline >= 0 && newline < most)
            return newline + 1;
        if (bytes.Length <= most)
            return bytes.Length;

        int cut = BeforeCharacter(bytes, most);
        // What goes on with `end` in the middle of a line would end the session: one character less in this piece.
        return bytes[cut..].StartsWith("end"u8) ? BeforeCharacter(bytes, cut - 1) : cut;
    }

    // Not between the bytes of one UTF-8 character (at most three of them continue it); other bytes are cut anywhere.
    private static int BeforeCharacter(ReadOnlySpan<byte> bytes, int cut)
    {
        for (int back = 0; back <= 3; back++)
        {
            if ((bytes[cut - back] & 0b1100_0000) != 0b1000_0000)
                return cut - back;
        }

        return cut;
    }

    private bool Fill()
    {
        if (_ended)
            return false;

        Waiting.CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        _ended = Stdio.read(_buffer.AsSpan(_end), side) is var read && read == 0;
        _end += read;
        return !_ended;
    }
}
