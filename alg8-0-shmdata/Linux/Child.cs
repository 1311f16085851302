using System.Diagnostics;
using System.Text;
using Mono.Unix.Native;
using static Algorithms.LibC;

namespace Algorithms.Linux;

/// <summary>
/// A child process, started with the signals that this program was started with. .NET's Process would let it inherit
/// that the runtime ignores SIGPIPE: a C program that writes into a closed pipe would then never end.
/// </summary>
public sealed class Child : IDisposable
{
    private readonly Lock _waiting = new();
    private int _pidfd;
    private int? _status; // as wait(2) has it

    static Child() => Signals.KeepStatusOfChildren();

    private Child(string file, int pid) => (File, Id, _pidfd) = (file, pid, pidfd_open(pid));

    /// <summary>The executable.</summary>
    public string File { get; }

    /// <summary>The process id: its own until its end has been seen.</summary>
    public int Id { get; }

    /// <summary>Whether it has ended.</summary>
    public bool HasExited
    {
        get
        {
            lock (_waiting)
            {
                if (_status is null)
                {
                    int pid = Syscall.waitpid(Id, out int status, WaitOptions.WNOHANG);
                    if (pid == Id)
                        _status = status;
                    else if (pid == -1 && Stdlib.GetLastError() is Errno.ECHILD)
                        _status = 0; // another part of this process has waited for it
                }

                return _status is not null;
            }
        }
    }

    /// <summary>The exit status of one that has ended, or 128 + the number of the signal that ended it.</summary>
    public int ExitCode => Signal is { } signal ? 128 + (int)signal : Syscall.WEXITSTATUS(_status!.Value);

    /// <summary>The signal that ended it; null if it ended by itself, or still runs.</summary>
    public Signum? Signal => _status is { } status && Syscall.WIFSIGNALED(status) ? Syscall.WTERMSIG(status) : null;

    /// <summary>Start a program.</summary>
    /// <param name="file">The executable's path.</param>
    /// <param name="args">Its arguments, without its name.</param>
    /// <param name="variables">What is to be different in its environment; null takes a variable out.</param>
    /// <param name="standardOutput">The descriptor that is to be its standard output; by default this program's own.</param>
    /// <param name="child">The child; null if there is none.</param>
    /// <returns>0, or the error: EACCES, ENOENT, ENOEXEC ...</returns>
    public static unsafe Errno Start(
        string file, string[] args, IReadOnlyDictionary<string, string?> variables, int? standardOutput, out Child? child)
    {
        CStrings path = new([file]), argv = new([file, .. args]);
        CStrings envp = new(variables.Where(variable => variable.Value is not null).Select(variable => $"{variable.Key}={variable.Value}"));
        List<nint> kept = Environment(variables);
        nint[] environment = [.. kept, .. new nint[envp.Count + 1]];

        // Caught signals become the default ones by themselves, and ignored ones stay so. SIGPIPE is ignored by .NET.
        _ = posix_spawnattr_init(out posix_spawnattr_t attr);
        _ = posix_spawnattr_setsigdefault(ref attr, sigset_t.Of(Signum.SIGPIPE));
        _ = posix_spawnattr_setsigmask(ref attr, Signals.BlockedAtStart);
        _ = posix_spawnattr_setflags(ref attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
        _ = posix_spawn_file_actions_init(out posix_spawn_file_actions_t actions);
        if (standardOutput is { } fd)
            _ = posix_spawn_file_actions_adddup2(ref actions, fd, 1);

        Errno errno;
        int pid;
        fixed (byte* paths = path.Bytes, arguments = argv.Bytes, changes = envp.Bytes)
        {
            byte** argp = stackalloc byte*[argv.Count + 1];
            argv.PointersInto(arguments, argp);
            fixed (nint* env = environment)
            {
                envp.PointersInto(changes, (byte**)env + kept.Count);
                errno = (Errno)posix_spawn(out pid, paths, actions, attr, argp, (byte**)env);
            }
        }

        _ = posix_spawn_file_actions_destroy(ref actions);
        child = errno == 0 ? new Child(file, pid) : null;
        return errno;
    }

    /// <summary>What a command prints, its errors left out; null where it cannot be run, or fails.</summary>
    public static byte[]? OutputOf(string command, params string[] args)
    {
        if (Programs.Find(command) is not { } file)
            return null;

        using Pipe output = Pipe.FromChildren();
        Errno errno = Start(file, args, new Dictionary<string, string?>(), output.Writing, out Child? child);
        output.CloseWriting();
        if (errno != 0)
            return null;

        using (child)
        {
            byte[] text = output.ReadToEnd();
            _ = child!.WaitForExit();
            return child.ExitCode == 0 ? text : null;
        }
    }

    /// <summary>From now on, a process that one of this process's descendants has started becomes its child when its parent ends.</summary>
    public static void AdoptOrphans() => _ = prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);

    /// <summary>Wait until one of them ends, or the time is over.</summary>
    public static void WaitForAny(IReadOnlyCollection<Child> children, int milliseconds)
    {
        Pollfd[] ends = [.. children.Where(child => child._pidfd >= 0).Select(child => new Pollfd { fd = child._pidfd, events = PollEvents.POLLIN })];
        if (ends.Length == children.Count)
            _ = Syscall.poll(ends, milliseconds);
        else
            Thread.Sleep(Math.Min(milliseconds, 1)); // a kernel before Linux 5.3, or no descriptors left
    }

    /// <summary>Wait until it ends, or the time is over.</summary>
    /// <returns>Whether it has ended.</returns>
    public bool WaitForExit(int milliseconds = int.MaxValue)
    {
        for (Stopwatch watch = Stopwatch.StartNew(); !HasExited; WaitForAny([this], (int)Math.Min(1000, milliseconds - watch.ElapsedMilliseconds)))
        {
            if (watch.ElapsedMilliseconds >= milliseconds)
                return false;
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_pidfd >= 0)
            _ = Syscall.close(_pidfd);
        _pidfd = -1;
    }

    // What this program was started with, byte for byte, less the variables that are to be different.
    private static unsafe List<nint> Environment(IReadOnlyDictionary<string, string?> variables)
    {
        List<nint> kept = [];
        for (byte** variable = environ; *variable is not null; variable++)
        {
            if (!IsOneOf(variables.Keys, *variable))
                kept.Add((nint)(*variable));
        }

        return kept;
    }

    private static unsafe bool IsOneOf(IEnumerable<string> names, byte* variable)
    {
        foreach (string name in names)
        {
            int i = 0;
            while (i < name.Length && variable[i] == name[i])
                i++;
            if (i == name.Length && variable[i] == '=')
                return true;
        }

        return false;
    }

    // C's strings, one after the other, each with its NUL.
    private sealed class CStrings
    {
        private readonly List<int> _starts = [];

        public CStrings(IEnumerable<string> texts)
        {
            List<byte> bytes = [];
            foreach (string text in texts)
            {
                _starts.Add(bytes.Count);
                bytes.AddRange(Encoding.UTF8.GetBytes(text));
                bytes.Add(0);
            }

            Bytes = [.. bytes, 0];
        }

        public byte[] Bytes { get; }

        public int Count => _starts.Count;

        public unsafe void PointersInto(byte* bytes, byte** pointers)
        {
            for (int i = 0; i < Count; i++)
                pointers[i] = bytes + _starts[i];
            pointers[Count] = null;
        }
    }
}
