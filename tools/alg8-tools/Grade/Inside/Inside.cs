using System.CommandLine;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Algorithms.Linux;
using Mono.Unix.Native;
using static Algorithms.Console.Stdio;
using static Algorithms.ShmData;

namespace Algorithms;

/// <summary>
/// The command <c>grade-inside</c>, which grade starts in an isolation: reads a plan from its standard input, builds or
/// plays one scene, prints what came of it as one line of JSON, and ends when its input does.
/// </summary>
internal static class Inside
{
    public const string Name = "grade-inside";

    public static Command Command()
    {
        Command command = new(Name, "The half of grade that works inside an isolation; not for use by hand") { Hidden = true };
        command.SetAction(_ => Run());
        return command;
    }

    private static int Run()
    {
        if (ReadLine() is not { } json)
            throw ErrExit.Because($"{ErrExit.Program}: {Name}: no plan on standard input", "./run.sh grade SUBMISSION is what to run");
        Plan plan = JsonSerializer.Deserialize(json, GradeJson.Default.Plan)!;
        Confine(plan);

        Ground ground = new(plan, plan.Build is null ? (plan.Check!.Seconds > 0 ? plan.Check.Seconds : plan.Limits.Seconds) : 3600);
        Exception? wrong = null;
        Thread work = new(() =>
        {
            try
            {
                Work(ground);
            }
#pragma warning disable CA1031 // it is thrown again, on the main thread
            catch (Exception e)
#pragma warning restore CA1031
            {
                wrong = e;
            }
        })
        { IsBackground = true };
        work.Start();

        // Whoever grades holds the other end of standard input, and lets go when it gives up, or dies.
        Pollfd[] stdin = [new Pollfd { fd = 0, events = PollEvents.POLLIN }];
        while (work.IsAlive && !Closed(stdin))
        {
            if (Signals.StoppedBy() is not null)
                break;
        }

        ground.Dispose();
        Signals.ThrowIfStopped();
        return wrong is null ? EXIT_SUCCESS : throw ErrExit.Because($"{ErrExit.Program}: {Name}: {wrong.Message}");
    }

    // Before anything of the submission is there. Every file is accessed as its user: none that it may not read is read for it.
    private static void Confine(Plan plan)
    {
        Confinement.KeepDescriptors();
        Confinement.LeaveKeyring();
        if (plan.User is { } user)
            Confinement.AccessFilesAs(user);
        Confinement.DenySystemCalls();
    }

    private static bool Closed(Pollfd[] stdin) =>
        Syscall.poll(stdin, timeout: 5) > 0 && (stdin[0].revents & (PollEvents.POLLHUP | PollEvents.POLLERR | PollEvents.POLLNVAL)) != 0;

    private static void Work(Ground ground)
    {
        Unpack(ground);
        if (ground.Plan.Build is { } rubric)
        {
            BuildReport report = new Builder(ground, rubric).Build();
            write(JsonSerializer.SerializeToUtf8Bytes(report, GradeJson.Default.BuildReport));
            write("\n"u8);
            Pack(ground);
        }
        else
        {
            Verdict verdict = Scene.Play(ground);
            write(JsonSerializer.SerializeToUtf8Bytes(verdict, GradeJson.Default.Verdict));
            write("\n"u8);
        }
    }

    private static void Unpack(Ground ground)
    {
        (int status, byte[] output) = ground.Run(60, "tar", "-x", "-f", ground.Plan.Archive, "-C", ground.Plan.Work, "--no-same-owner", "--no-same-permissions");
        if (status != 0)
            throw ErrExit.Because($"the submission could not be unpacked: {Charset.Decode(output).Split('\n')[0]}");
        if (ground.Plan.Build is not null)
            _ = ground.Run(60, "chmod", "-R", "u+rwX", ground.Plan.Work); // as odd as an archive may have left them
    }

    private static void Pack(Ground ground)
    {
        const int Seconds = 60;

        using Process tar = Programs.Start(ground.Launch(Programs.Need("tar"), ["-c", "--exclude=obj", "-C", ground.Plan.Work, "."], building: true));
        using Timer limit = new(_ => ground.KillAll(), null, Seconds * 1000, Timeout.Infinite);
        tar.StandardInput.Close();
        Task<string> error = tar.StandardError.ReadToEndAsync();
        Span<byte> buffer = new byte[64 * 1024];
        while (tar.StandardOutput.BaseStream.Read(buffer) is > 0 and var read)
            write(buffer[..read]);
        tar.WaitForExit();
        _ = error.Result;
    }

    // Nothing stands behind the line, and the pipe stays open, to be watched.
    private static string? ReadLine()
    {
        using FileStream input = new(new Microsoft.Win32.SafeHandles.SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0);
        List<byte> line = [];
        byte[] one = new byte[64 * 1024];
        while (input.Read(one) is > 0 and var read)
        {
            line.AddRange(one.AsSpan(0, read));
            if (line[^1] == '\n')
                return Encoding.UTF8.GetString([.. line]);
        }

        return null;
    }
}
