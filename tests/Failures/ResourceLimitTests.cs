using Algorithms.Tests.Harness;

namespace Algorithms.Tests.Failures;

/// <summary>
/// No more segments, no more room, no more descriptors: each is reported with the limit, and nothing is left.
/// </summary>
public sealed class ResourceLimitTests : FaultTest
{
    [Theory(Timeout = Limit)]
    [InlineData("shmmax", "4099", "shmcon: shmget(): Invalid argument\n", "shmmax = 4099 bytes")]
    [InlineData("shmall", "1", "shmcon: shmget(): No space left on device\n", "shmall = 1 pages")]
    [InlineData("shmmni", "0", "shmcon: shmget(): No space left on device\n", "shmmni = 0 segments")]
    public async Task A_limit_of_segments_is_named_with_its_value(string limit, string value, string error, string hint)
    {
        Finished run = await RunApart($"echo {value} > /proc/sys/kernel/{limit}", Alg8.Shmcon, NewFile());

        run.Failed(error, hint);
    }

    [Theory(Timeout = Limit)]
    [InlineData("38", "Function not implemented", "hint: [^\n]*WSL 1[^\n]*\n")]
    [InlineData("12", "Cannot allocate memory", "hint: [^\n]*shmall = [0-9]+ [^\n]*\n")]
    [InlineData("1", "Operation not permitted", "hint: the container or sandbox around this program forbids [^\n]*\n")]
    public async Task A_machine_without_System_V_shared_memory_is_told(string errno, string error, string hint)
    {
        string shmget = await SystemCall("shmget");

        Finished run = await Run(await Peers.C("forbid"), [shmget, errno, Alg8.Shmcon, NewFile()]);
        run.Failed();
        Assert.Matches($@"^shmcon: shmget\(\): {error}\n{hint}$", run.Error);

        run = await Run(await Peers.C("forbid"), [shmget, errno, Alg8.Shmread, NewKey()]);
        run.Failed();
        Assert.Matches($@"^shread: shmget\(\): {error}\n{hint}$", run.Error);
    }

    [Theory(Timeout = Limit)]
    [InlineData("shmat", "shmcon: shmat(): Cannot allocate memory\n")]
    [InlineData("shmdt", "shmcon: shmdt(): Cannot allocate memory\n")]
    public async Task A_call_that_fails_in_the_middle_leaves_no_segment(string call, string error)
    {
        string path = NewFile();

        Finished run = await Run(await Peers.C("forbid"), [await SystemCall(call), "12", Alg8.Shmcon, path]);

        run.Failed(error, "removed");
        Assert.Null(SegmentOf(path));
    }

    [Theory(Timeout = Limit)]
    [InlineData("mmap", "ENOSPC", "mmap(): No space left on device\n")]
    [InlineData("fallocate", "ENOSPC", "posix_fallocate(): No space left on device\nhint: there is no room left for ")]
    [InlineData("fallocate", "EDQUOT", "posix_fallocate(): Disk quota exceeded\nhint: there is no room left for ")]
    [InlineData("ftruncate", "ENOSPC", "ftruncate(): No space left on device\n")]
    public async Task A_call_that_fails_in_the_middle_leaves_no_object(string call, string errno, string error)
    {
        string name = NewName();

        Finished run = await Injected($"inject={call}:error={errno}:when=1", name, "--items=5");

        run.Failed(error);
        Assert.False(File.Exists(ObjectPath(name)));
    }

    [Fact(Timeout = Limit)]
    public async Task A_call_that_a_signal_interrupts_is_tried_again()
    {
        string name = NewName();

        Finished run = await Injected("inject=fallocate:error=EINTR:when=1..3", name);

        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Contains("consumed message: Hello World!\n", run.Output);
    }

    [Fact(Timeout = Limit)]
    public async Task Where_a_call_is_interrupted_for_ever_a_signal_still_ends_the_run()
    {
        string name = NewName();
        RunningProgram run = Start(
            Tool.Find("strace"),
            [
                "-o", "/dev/null", "-f", "-e", "inject=fallocate:error=EINTR", "-P", ObjectPath(name),
                Alg8.Shmpthreadcon, name,
            ]);
        await run.Shows($" {name}\n");

        Send(await PidOf(Alg8.Shmpthreadcon), Mono.Unix.Native.Signum.SIGTERM);

        Finished end = await run.IsGone();
        Assert.Equal((128 + 15, $"con: SIGTERM: {ObjectPath(name)} removed\n"), (end.Status, end.Error));
    }

    [Fact(Timeout = Limit)]
    public async Task Without_proc_a_run_works_or_tells_what_it_lacks_in_the_words_of_its_calls()
    {
        const string Hide = "mount -t tmpfs none /dev/shm && mount -t tmpfs none /proc";
        string[] programs = [Alg8.Shmcon, Alg8.Shmpthreadcon, Alg8.Shmwrite, Alg8.Shmproducer, Alg8.Shmconsumer];
        foreach (string program in programs)
        {
            string argument = program == Alg8.Shmcon ? NewFile() : "27";

            Finished run = await RunApart(Hide, "/bin/sh", "-c", $"exec '{program}' '{argument}' < /dev/null");
            if (run.Error.Contains("Failed to create CoreCLR"))
                Tool.Miss("This test needs native executables: .NET's runtime itself does not start without /proc.");

            NoCrash(run);
            Assert.DoesNotMatch("Exception|Parameter|path '|internal error", run.Error);
            run = await RunApart(Hide, "/bin/sh", "-c", $"exec '{program}' \"$(printf 'caf\\351')\" m");
            run.Failed();
            Assert.DoesNotMatch("Exception|Parameter|path '|internal error", run.Error);
        }
    }

    [Fact(Timeout = Limit)]
    public async Task A_full_dev_shm_is_told_and_nothing_stays_in_it()
    {
        Finished run = await RunApart(
            "mount -t tmpfs -o size=4k none /dev/shm", "/bin/sh", "-c", $"'{Alg8.Shmpthreadcon}' name; echo status "
                + "$?; ls -A /dev/shm");

        Assert.Equal("total 0\n-rw-r--r-- 1 root root 0", run.Output[..32]);
        Assert.EndsWith("status 1\n", run.Output);
        Assert.Contains(
            "con: posix_fallocate(): No space left on device\nhint: there is no room left for 4100 bytes: df /dev/shm",
            run.Error);
    }

    [Theory(Timeout = Limit)]
    [InlineData("alg8-5-shmproducer name", "producer: mmap(): No space left on device\n")]
    [InlineData("alg8-6-shmconsumer name --race", "consumer: mmap(): No space left on device\n")]
    public async Task An_object_of_holes_in_a_full_dev_shm_is_an_error_and_no_bus_error(string command, string error)
    {
        Finished run = await RunApart(
            "mount -t tmpfs -o size=16k none /dev/shm && truncate -s 4100 /dev/shm/name && head -c 16k /dev/zero > "
                + "/dev/shm/full",
            "/bin/sh", "-c", $"'{Repository.Bin}'/{command}");

        run.FailedAtOnce(error);
    }

    [Fact(Timeout = Limit)]
    public async Task A_read_only_dev_shm_is_told()
    {
        Finished run = await RunApart("mount -t tmpfs -o ro none /dev/shm", Alg8.Shmpthreadcon, "name");

        run.FailedAtOnce("con: shm_open(): Read-only file system\n");
    }

    [Fact(Timeout = Limit)]
    public async Task A_path_on_a_read_only_file_system_is_creats_error_or_gives_a_key_if_the_file_is_there()
    {
        Finished run = await RunApart("mount -t tmpfs -o ro none /mnt", Alg8.Shmcon, "/mnt/file");
        run.Failed("creat(): Read-only file system\n");

        run = await RunApart(
            "mount -t tmpfs none /mnt && touch /mnt/file && mount -o remount,bind,ro /mnt",
            Alg8.Shmcon, "/mnt/file", "--wait", "futex");
        Assert.EndsWith("nothing found ... \n", run.Output);
    }

    [Fact(Timeout = Limit)]
    public async Task A_limit_of_file_sizes_is_told_and_no_object_stays()
    {
        Tool.NeedNative("This test limits the size of files to less than the .NET runtime needs to start.");
        string name = NewName();

        Finished run = await Run("/bin/sh", ["-c", "ulimit -f 1; exec \"$@\"", "sh", Alg8.Shmpthreadcon, name]);

        run.Failed(
            "con: posix_fallocate(): File too large\nhint: 4100 bytes are more than a file may have here: ulimit -f",
            "removed");
        Assert.False(File.Exists(ObjectPath(name)));
    }

    [Fact(Timeout = Limit)]
    public async Task With_few_descriptors_or_processes_a_run_works_or_tells_what_it_lacks()
    {
        Tool.NeedNative("This test leaves fewer descriptors than the .NET runtime needs to start.");
        for (int most = 6; most < 20; most++) // with fewer, not even the libraries can be loaded that print an error
        {
            string path = NewFile(), name = NewName();
            string[] limited = ["-c", $"ulimit -n {most}; exec \"$@\"", "sh"];

            Finished run = await Run("/bin/sh", [.. limited, Alg8.Shmcon, path, "--wait", "futex"], "end\n");
            NoCrash(run);
            Assert.True(run.Status is 0 or 1, $"exit status {run.Status}");
            Assert.Equal(run.Status != 0, run.Error != "");
            Assert.Null(SegmentOf(path));

            run = await Run("/bin/sh", [.. limited, Alg8.Shmpthreadcon, name]);
            NoCrash(run);
            Assert.False(File.Exists(ObjectPath(name)));
        }
    }

    // 8-4 on this object, with one of its calls on the object made to fail.
    private Task<Finished> Injected(string inject, string name, params string[] options) => Run(
        Tool.Find("strace"),
        ["-o", "/dev/null", "-f", "-e", inject, "-P", ObjectPath(name), Alg8.Shmpthreadcon, name, .. options]);

    private async Task<string> SystemCall(string name)
    {
        Finished run = await Run(
            Tool.Find("cc", "gcc", "clang"), ["-E", "-P", "-include", "sys/syscall.h", "-x", "c", "-"],
            $"__NR_{name}\n");
        return run.Output.Split('\n')[^2];
    }
}
