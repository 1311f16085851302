using Algorithms.Linux;
using static Algorithms.LibC;
using static Algorithms.ShmData;

namespace Algorithms;

/// <summary>The reader or the writer alone, on a segment whose other side is the check itself.</summary>
internal abstract class SlotScene(Ground ground) : Scene(ground)
{
    private const int SegmentSize = 4100;

    /// <summary>The key of the segment; no student can know it before.</summary>
    protected int Key { get; private set; }

    protected int Shmid { get; private set; }

    protected Segment Make(byte fill)
    {
        // ipcmk makes it, as the submission's user: a program that removes it, which it should not, must be able to.
        string made = Charset.Decode(Ground.Run(10, "ipcmk", "-M", $"{SegmentSize}", "-p", "0666").Output);
        if (!int.TryParse(made.Split(':')[^1].Trim(), out int shmid) || SegmentInfo.Of(shmid) is not { } info)
            throw ErrExit.Because($"ipcmk: {made.Trim()}");
        (Shmid, Key, Ground.OwnKey) = (shmid, info.Key, info.Key);
        Segment segment = Segment.Attach(Shmid);
        segment.As<shared_struct>().written = 0;
        ((Span<byte>)segment.As<shared_struct>().mtext).Fill(fill);
        return segment;
    }

    /// <summary>Start the program with the key, and wait until it has attached the segment.</summary>
    protected Actor StartAttached(string role)
    {
        Actor actor = Ground.Start(Theirs(role), $"{Key:x}");
        Ground.Until(() => IsAttached || actor.HasExited || Others.Length > 0);
        Ground.Until(() => IsAttached || actor.HasExited, 800); // another segment may be its first, and ours the next
        if (IsAttached || HasBeen)
            return actor;

        if (actor.HasExited)
            actor.Ends();
        Note(role, actor);
        string did = Others is [var other, ..] ? $"it took the segment of key {other.Key:x}" : actor.Fate();
        Unmet.Unless(false, $"the segment that {role} attaches", $"the one of the key it is given, {Key:x}", did);
        return actor;
    }

    protected bool IsAttached => SegmentInfo.Of(Shmid) is { Attached: > 1 };

    // The slide's first lines.
    protected void CheckOpening(string role, Transcript transcript)
    {
        LineKind[] kinds = [LineKind.Key, LineKind.Shmid, LineKind.Attached, LineKind.Ready];
        Unmet.IfDifferent(
            $"the first lines of {role}",
            [Transcript.Show(LineKind.Key, $"{Key:x}"), Transcript.Show(LineKind.Shmid, $"{Shmid}"), Transcript.Show(LineKind.Attached), Transcript.Show(LineKind.Ready)],
            [
                .. from line in transcript.Of(kinds)
                   let isKey = line.Kind == LineKind.Key && transcript.Keys.Contains(Key)
                   select Transcript.Show(line.Kind, isKey ? $"{Key:x}" : line.Kind is LineKind.Key or LineKind.Shmid ? line.Text : ""),
            ]);
    }

    protected void CheckSegment(string role)
    {
        SegmentInfo? now = SegmentInfo.Of(Shmid);
        Unmet.Unless(now is not null && (now.Mode & SHM_DEST) == 0, "the segment after the end", $"it is still there: {role} has not made it", "it was removed");
        Unmet.Unless(now!.Attached == 1, "the segment after the end", $"{role} has detached", $"it is attached {now.Attached - 1} times more");
        Unmet.Unless(Others.Length == 0, "other segments", "none", string.Join(", ", Others.Select(other => $"key {other.Key:x}, {other.Size} bytes")));
    }

    private SegmentInfo[] Others => [.. Ground.Segments.Where(segment => segment.Shmid != Shmid)];

    // Where it was quick, it may be over already.
    private bool HasBeen => SegmentInfo.Of(Shmid) is { LastDetach: not 0 };
}

/// <summary>shmread alone: the check is the writer.</summary>
internal sealed class ReaderScene(Ground ground) : SlotScene(ground)
{
    protected override void Play()
    {
        using Segment segment = Make((byte)'#');
        ref shared_struct shared = ref segment.As<shared_struct>();
        Actor reader = StartAttached(Roles.Shmread);
        Ground.Pause(100); // it must wait

        bool[] isGivenBack = new bool[Check.Lines.Count];
        for (int i = 0; i < isGivenBack.Length && !reader.HasExited; i++)
        {
            Span<byte> text = shared.mtext;
            byte[] line = System.Text.Encoding.UTF8.GetBytes(Check.Lines[i] + "\n\0");
            line.CopyTo(text);
            Volatile.Write(ref shared.written, 1);
            isGivenBack[i] = GivesBack(ref shared, reader);
            if (!isGivenBack[i])
                break;
        }

        reader.Ends();
        Transcript transcript = new(reader.Output);
        Note(Roles.Shmread, reader);
        if (Expects("opening"))
            CheckOpening(Roles.Shmread, transcript);
        if (Expects("text"))
        {
            Unmet.IfDifferent(
                "what shmread prints of the messages",
                [.. Check.Lines.Select(line => Transcript.Show(LineKind.Wrote, line))],
                [.. transcript.Texts(LineKind.Wrote).Select(text => Transcript.Show(LineKind.Wrote, text))]);
        }

        if (Expects("slot"))
        {
            int kept = Array.IndexOf(isGivenBack, false);
            Unmet.Unless(
                kept < 0, "the slot", "shmread sets written to 0 when it has read a message",
                $"written is {Volatile.Read(ref shared.written)} after message {kept + 1}, {Unmet.Quote(Check.Lines[Math.Max(kept, 0)])}");
        }

        if (Expects("end"))
            EndsWell(Roles.Shmread, reader);
        if (Expects("segment"))
            CheckSegment(Roles.Shmread);
    }

    private bool GivesBack(ref shared_struct shared, Actor reader)
    {
        while (Volatile.Read(ref shared.written) != 0)
        {
            if (reader.HasExited || Ground.IsOver)
                return Volatile.Read(ref shared.written) == 0;
            Thread.Sleep(1);
        }

        return true;
    }
}

/// <summary>shmwrite alone: the check is the reader.</summary>
internal sealed class WriterScene(Ground ground) : SlotScene(ground)
{
    // What was taken out of the slot, and whether the writer waited for its turn.
    private readonly List<string> _taken = [];
    private string? _hasty;

    protected override void Play()
    {
        bool isFilled = Expects("terminated"), endsInput = Expects("end-of-input");
        using Segment segment = Make(isFilled ? (byte)'#' : (byte)0);
        ref shared_struct shared = ref segment.As<shared_struct>();
        Actor writer = StartAttached(Roles.Shmwrite);
        // A line at a time, so that who does not wait for the slot still can do the rest.
        int wanted = Check.Lines.Count, typed = 0;
        writer.Type(Check.Lines[typed++] + "\n");
        while (!IsEnd(_taken.LastOrDefault()) && _taken.Count < wanted + 4 && Take(segment, writer, isFilled, ref typed))
        {
        }

        if (endsInput)
        {
            CheckEndOfInput(writer);
            return;
        }

        writer.Ends();
        Transcript transcript = new(writer.Output);
        Note(Roles.Shmwrite, writer);
        if (Expects("opening"))
            CheckOpening(Roles.Shmwrite, transcript);
        if (Expects("text") || isFilled)
        {
            Unmet.IfDifferent(
                isFilled ? "the messages in the slot, whose rest was full of #" : "the messages in the slot",
                [.. Check.Lines.Select(Plain)],
                [.. Joined().Select(Plain)]);
        }

        if (Expects("echo"))
        {
            Unmet.IfDifferent(
                "what shmwrite prints of the messages",
                [.. Check.Lines.Select(line => Transcript.Show(LineKind.Buffer, Plain(line)))],
                [.. transcript.Texts(LineKind.Buffer).Select(text => Transcript.Show(LineKind.Buffer, Plain(text)))]);
        }

        if (Expects("slot"))
            Unmet.Unless(_hasty is null, "the slot", "shmwrite leaves a message alone until written is 0", _hasty ?? "");
        if (Expects("end"))
            EndsWell(Roles.Shmwrite, writer);
        if (Expects("segment"))
            CheckSegment(Roles.Shmwrite);
    }

    private static bool IsEnd(string? text) => text?.StartsWith("end", StringComparison.Ordinal) == true;

    // `end` counts by its first three letters: so it is compared with strncmp.
    private static string Plain(string text) => IsEnd(text) ? "end" : text;

    // Wait for one message, take it, give the slot back.
    private bool Take(Segment segment, Actor writer, bool isFilled, ref int typed)
    {
        ref shared_struct shared = ref segment.As<shared_struct>();
        while (Volatile.Read(ref shared.written) == 0)
        {
            if (writer.HasExited || Ground.IsOver)
                return false;
            Thread.Sleep(1);
        }

        string text = Read(ref shared);
        _taken.Add(text);
        string? next = _taken.Count >= typed && typed < Check.Lines.Count ? Check.Lines[typed++] + "\n" : null;
        if (next is not null && Expects("slot"))
        {
            writer.Type(next); // it has what to write, and must not
            Ground.Pause(500);
            string later = Read(ref shared);
            if (later != text)
                _hasty ??= $"{Unmet.Quote(text)} became {Unmet.Quote(later)} while written was 1";
        }

        if (!isFilled)
            ((Span<byte>)shared.mtext).Clear();
        Volatile.Write(ref shared.written, 0);
        if (next is not null && !Expects("slot"))
            writer.Type(next);
        else if (next is null && typed == Check.Lines.Count && Expects("end-of-input"))
            writer.CloseInput();
        return true;
    }

    private static string Read(ref shared_struct shared)
    {
        Span<byte> copy = stackalloc byte[TEXT_SIZE];
        return Charset.Decode(CString.Copy(shared.mtext, copy)).TrimEnd('\n', '\r');
    }

    // A line longer than the slot may come in several messages, or (a known fault of the lecture's writer) lose its rest.
    private List<string> Joined()
    {
        List<string> joined = [];
        foreach (string text in _taken)
        {
            string? line = joined.Count < Check.Lines.Count ? Check.Lines[joined.Count] : null;
            string? last = joined.Count is > 0 and var count && count <= Check.Lines.Count ? Check.Lines[count - 1] : null;
            if (last is { Length: >= TEXT_SIZE } && joined[^1].Length < last.Length && last.StartsWith(joined[^1] + text, StringComparison.Ordinal) && !IsEnd(text))
                joined[^1] += text;
            else
                joined.Add(text);
            if (line is null && joined.Count > Check.Lines.Count + 4)
                break;
        }

        for (int i = 0; i < Math.Min(joined.Count, Check.Lines.Count) && Check.Allow.Contains("lost-rest"); i++)
        {
            if (Check.Lines[i].Length >= TEXT_SIZE && joined[i].Length is >= TEXT_SIZE - 1 and var length && length < Check.Lines[i].Length
                && Check.Lines[i].StartsWith(joined[i], StringComparison.Ordinal))
            {
                KnownFaults.Add($"of a line of {Check.Lines[i].Length} characters, only {length} arrive");
                joined[i] = Check.Lines[i];
            }
        }

        return joined;
    }

    private void CheckEndOfInput(Actor writer)
    {
        string[] extra = [.. _taken.Skip(Check.Lines.Count)];
        bool resends = extra.Length > 0 && !IsEnd(extra[0]);
        if (!resends)
            writer.Ends();
        Note(Roles.Shmwrite, writer);
        Unmet.IfDifferent("the messages before the end of input", [.. Check.Lines], [.. _taken.Take(Check.Lines.Count)]);
        if (resends && Check.Allow.Contains("resend") && extra.All(text => text == Check.Lines[^1]))
        {
            KnownFaults.Add("at the end of input it sends its last line again and again");
            return;
        }

        Unmet.Unless(
            !resends, "what shmwrite does at the end of its input", "it sends end, or ends", $"it sends {Unmet.Quote(extra.FirstOrDefault(""))}");
        Unmet.Unless(writer.HasExited && writer.Status < 128, "what shmwrite does at the end of its input", "it sends end, or ends", writer.Fate());
    }
}
