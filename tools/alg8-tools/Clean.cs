using System.CommandLine;
using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using static Algorithms.Calls;
using static Algorithms.LibC;
using static Algorithms.ShmData;
using static Algorithms.Stdio;

namespace Algorithms;

/// <summary>The command <c>clean</c>: remove the segments that this user's killed runs left behind, and no others.</summary>
internal static class Clean
{
    private const int STDIN_FILENO = 0;

    public static Command Command()
    {
        Option<bool> yes = new("--yes", "-y") { Description = "Remove them without asking" };
        Command command = new("clean", "List the segments that your killed runs left behind, and remove them") { yes };
        command.SetAction(options => Run(options.GetValue(yes)));
        return command;
    }

    private static int Run(bool yes)
    {
        List<SegmentInfo> leftovers = [.. SegmentInfo.List().Where(IsOurs)];
        if (leftovers.Count == 0)
        {
            printf("nothing to clean: no segment was left behind\n");
            return EXIT_SUCCESS;
        }

        foreach (SegmentInfo segment in leftovers)
            printf($"key 0x{segment.Key:x8}, shmid {segment.Shmid}, {segment.Size} bytes, nobody uses it, made by pid {segment.Creator}, which is gone\n");

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

    // Of this user, with the lecture's project id in its key, of the suite's size, and left behind.
    private static bool IsOurs(SegmentInfo segment) =>
        segment.Key >> 24 == PROJ_ID
        && segment.Owner == Syscall.geteuid()
        && segment.Size == TEXT_NUM * Unsafe.SizeOf<shared_struct>()
        && segment.IsLeftover;

    private static void Remove(SegmentInfo listed)
    {
        // While the question stood, somebody may have taken it into use, or removed it.
        if (SegmentInfo.Of(listed.Shmid) is not { } now || !IsOurs(now))
            printf($"shmid = {listed.Shmid} is no longer a leftover: not touched\n");
        else if (shmctl(listed.Shmid, IPC_RMID, 0) == -1)
            throw new ErrExit($"{ErrExit.Program}: shmctl(IPC_RMID)");
        else
            printf($"shmid = {listed.Shmid} removed\n");
    }

    private static bool Ask(string question)
    {
        printf(question);
        Pollfd[] stdin = [new Pollfd { fd = STDIN_FILENO, events = PollEvents.POLLIN }];
        while (Syscall.poll(stdin, timeout: 200) <= 0)
            Stage.ThrowIfStopped();

        // The whole line, as the terminal hands it over: what was left of it, the shell would read.
        using SafeFileHandle terminal = new(STDIN_FILENO, ownsHandle: false);
        using FileStream input = new(terminal, FileAccess.Read, bufferSize: 0);
        Span<byte> answer = stackalloc byte[4096];
        return input.Read(answer) > 0 && answer[0] is (byte)'y' or (byte)'Y';
    }
}
