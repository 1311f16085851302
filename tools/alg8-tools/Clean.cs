using System.CommandLine;
using System.Globalization;
using System.Runtime.CompilerServices;
using Algorithms.Linux;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using static Algorithms.Calls;
using static Algorithms.Console.Stdio;
using static Algorithms.LibC;
using static Algorithms.ShmData;
using static Mono.Unix.Native.OpenFlags;

namespace Algorithms;

/// <summary>The command <c>clean</c>: remove what this user's killed runs left behind, and nothing else.</summary>
internal static class Clean
{
    private const string Objects = "/dev/shm";
    private const int STDIN_FILENO = 0;

    private static readonly int _slot = TEXT_NUM * Unsafe.SizeOf<shared_struct>();

    public static Command Command()
    {
        Option<bool> yes = new("--yes", "-y") { Description = "Remove it without asking" };
        Command command = new("clean", "List what your killed runs left behind (segments, queues, objects in /dev/shm, temporary folders), and remove it") { yes };
        command.SetAction(options => Run(options.GetValue(yes)));
        return command;
    }

    private static int Run(bool yes)
    {
        List<Item> leftovers = [.. Segments(), .. Queues(), .. TheObjects(), .. Folders()];
        if (leftovers.Count == 0)
        {
            printf("nothing to clean: nothing was left behind\n");
            return EXIT_SUCCESS;
        }

        leftovers.ForEach(item => printf($"{item.Description}\n"));
        if (!yes && !Syscall.isatty(STDIN_FILENO))
        {
            throw ErrExit.Because(
                $"{ErrExit.Program}: nothing was removed: standard input is no terminal, so nobody can be asked",
                "clean --yes removes without asking");
        }

        if (!yes && !Ask($"remove {(leftovers.Count == 1 ? "it" : $"these {leftovers.Count}")}? [y/N] "))
        {
            printf("nothing was removed\n");
            return EXIT_SUCCESS;
        }

        leftovers.ForEach(Remove);
        return EXIT_SUCCESS;
    }

    // While the question stood, somebody may have taken it into use, or removed it.
    private static void Remove(Item item)
    {
        if (!item.IsLeftover())
            printf($"{item.Name} is no longer a leftover: not touched\n");
        else if (item.Remove() == -1)
            throw new ErrExit($"{ErrExit.Program}: {item.Name}: {item.Call}");
        else
            printf($"{item.Name} removed\n");
    }

    // ---- segments ----

    private static IEnumerable<Item> Segments() =>
        from segment in SegmentInfo.List()
        where IsLeftover(segment)
        select new Item(
            $"shmid = {segment.Shmid}",
            $"key 0x{segment.Key:x8}, shmid {segment.Shmid}, {segment.Size} bytes, nobody uses it, made by pid {segment.Creator}, which is gone",
            () => SegmentInfo.Of(segment.Shmid) is { } now && IsLeftover(now),
            "shmctl(IPC_RMID)",
            () => shmctl(segment.Shmid, IPC_RMID, 0));

    private static bool IsLeftover(SegmentInfo segment) =>
        segment.Owner == Syscall.geteuid() && !segment.IsRemoved && segment.IsLeftover() && IsTheSuites(segment);

    // By its mark; without one (a C program's, or one of an older version), by the lecture's project id in its key and by
    // what is in it.
    private static bool IsTheSuites(SegmentInfo info)
    {
        Watcher.AnnounceSegment(info.Shmid); // who asks meanwhile sees that nobody uses it
        try
        {
            using Segment segment = Segment.Attach(info.Shmid, 0, SHM_RDONLY);
            return !segment.IsInvalid
                && (Mark.IsOf(segment) || ((info.Key >> 24 == PROJ_ID || !Mark.HasRoom(info.Size)) && LooksLikeTheSuites(segment.Bytes)));
        }
        finally
        {
            Watcher.AnnounceNothing();
        }
    }

    private static bool LooksLikeTheSuites(ReadOnlySpan<byte> bytes)
    {
        byte[] copy = bytes[..Math.Min(bytes.Length, Math.Max(_slot, Unsafe.SizeOf<buffer_header>()))].ToArray();
        return bytes.Length == _slot ? IsSlot(copy) : Ring.HeaderIn(ReadCopy, bytes.Length) is { } header && IsSound(header);

        int ReadCopy(Span<byte> room, long offset)
        {
            Span<byte> from = copy.AsSpan((int)offset);
            from = from[..Math.Min(from.Length, room.Length)];
            from.CopyTo(room);
            return from.Length;
        }
    }

    // `written` is 0 or 1; the text ends with a NUL, and as strncpy fills up, with nothing but NULs.
    private static bool IsSlot(ReadOnlySpan<byte> slot) =>
        slot[0] is 0 or 1 && !slot[1..sizeof(int)].ContainsAnyExcept((byte)0)
        && slot[sizeof(int)..] is var text && text.IndexOf((byte)0) is >= 0 and var end && !text[end..].ContainsAnyExcept((byte)0);

    private static bool IsSound(buffer_header header) =>
        (uint)header.@in < (uint)header.buffer_size && (uint)header.@out < (uint)header.buffer_size
        && header is { in_sleeps: 0 or 1, out_sleeps: 0 or 1 };

    // ---- message queues: the bench's ----

    private static IEnumerable<Item> Queues() =>
        from msqid in SysvQueueChannel.Leftovers()
        select new Item(
            $"msqid = {msqid}",
            $"message queue, msqid {msqid}, nobody uses it, made by a bench that is gone",
            () => SysvQueueChannel.Leftovers().Contains(msqid),
            "msgctl(IPC_RMID)",
            () => MessagePassing.msgctl(msqid, IPC_RMID, 0));

    // ---- objects ----

    private static IEnumerable<Item> TheObjects() =>
        from path in Directory.Exists(Objects) ? Directory.GetFiles(Objects) : []
        orderby path
        let name = Path.GetFileName(path)
        where IsLeftover(name)
        select new Item(
            VisibleText.Of(path),
            $"{VisibleText.Of(path)}, {ObjectInfo.Named(name)?.Size} bytes, nobody uses it, made by a process that is gone",
            () => IsLeftover(name),
            "shm_unlink()",
            () => shm_unlink(name));

    private static bool IsLeftover(string name)
    {
        if (ObjectInfo.Named(name) is not { IsRegular: true, Size: > 0 } info || info.Owner != Syscall.geteuid())
            return false;
        using ShmObject fd = ShmObject.Open(name, O_RDWR, 0);
        return !fd.IsInvalid && ObjectInfo.Of(name, fd) is var opened && opened.IsSame(info)
            && (Mark.IsOf(fd, opened.Size)
                || (!Mark.HasRoom(opened.Size) && Ring.HeaderIn(fd.Read, opened.Size) is { } header && IsSound(header))
                || (opened.Size == _slot && IsOfGoneCommand(name)))
            && !opened.IsInUse(fd) && !opened.Users().Any();
    }

    // A C twin's: alg8-bench-4711-start-4.
    private static bool IsOfGoneCommand(string name) =>
        ((string[])[Bench.Prefix, "alg8-stress-"]).FirstOrDefault(start => name.StartsWith(start, StringComparison.Ordinal)) is { } prefix
        && int.TryParse(name[prefix.Length..].Split('-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int pid)
        && !ProcFs.IsAlive(pid);

    // ---- folders of bench, grade, split and stress ----

    private static IEnumerable<Item> Folders() =>
        from path in TempFolder.Leftovers()
        select new Item(
            VisibleText.Of(path),
            $"{VisibleText.Of(path)}, a temporary folder of a command that is gone",
            () => TempFolder.IsLeftover(path),
            "rmdir()",
            () =>
            {
                TempFolder.Delete(path);
                return 0;
            });

    private static bool Ask(string question)
    {
        printf(question);
        Pollfd[] stdin = [new Pollfd { fd = STDIN_FILENO, events = PollEvents.POLLIN }];
        while (Syscall.poll(stdin, timeout: 200) <= 0)
            Signals.ThrowIfStopped();

        // The whole line, as the terminal hands it over: what was left of it, the shell would read.
        using SafeFileHandle terminal = new(STDIN_FILENO, ownsHandle: false);
        using FileStream input = new(terminal, FileAccess.Read, bufferSize: 0);
        Span<byte> answer = stackalloc byte[4096];
        return input.Read(answer) > 0 && answer[0] is (byte)'y' or (byte)'Y';
    }

    // What was left behind, and how to remove it: -1 and errno where the call fails.
    private sealed record Item(string Name, string Description, Func<bool> IsLeftover, string Call, Func<int> Remove);
}
