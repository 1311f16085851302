using Algorithms.Tests.Harness;

namespace Algorithms.Tests.CommandLine;

/// <summary>
/// A user who follows a hint succeeds: what it names is there, it may be copied into a shell, and it fits its case.
/// </summary>
public sealed class HintTests : FaultTest
{
    [Theory(Timeout = Limit)]
    [InlineData(";touch pwn $(touch pwn) `touch pwn`")]
    [InlineData(" it's \"two\" words\\")]
    [InlineData("~ * {a,b} !x & #c <d >e |f")]
    [InlineData("\u001b[1m\n'\\\u202e\u0085é")]
    public async Task A_command_in_a_hint_does_what_it_says_whatever_is_in_a_name(string end)
    {
        string name = NewObject(new byte[8]) + end;
        File.Move(ObjectPath(name[..^end.Length]), ObjectPath(name));

        Finished refused = await Run(Alg8.Shmpthreadcon, [name]);
        refused.FailedAtOnce("con: shm_open(): File exists\n");
        await Follow(refused, "to remove it: ");
        Assert.False(File.Exists(ObjectPath(name)));

        Finished absent = await Run(Alg8.Shmconsumer, [name]);
        absent.FailedAtOnce("consumer: shm_open(): No such file or directory\n");
        await Follow(absent, "by hand: ", "; ls /dev/shm");
        Assert.Equal(SegmentEntry.LectureSize, new FileInfo(ObjectPath(name)).Length);

        Finished silent = await Run(Alg8.Shmconsumer, [name, "--timeout", "0"]);
        silent.FailedAtOnce("consumer: no message in ");
        await Follow(silent, "start a producer: ");
        (await Run(Alg8.Shmconsumer, [name])).Printed("consumed message: Hello World!\n");

        File.Delete(ObjectPath(name));
        await Follow(absent, "hint: ", " makes one");
        Assert.False(File.Exists(ObjectPath(name)));
        Assert.False(File.Exists(Path.Combine(Folder, "pwn")));
    }

    [Theory(Timeout = Limit)]
    [InlineData("--buffer-size 9 is what fits it", 9, 8, "--items", "1", "--buffer-size", "10")]
    [InlineData("--stream can use it", 9, 4, "--items", "1")]
    public async Task A_buffer_that_does_not_fit_the_options_is_told_with_those_that_do(
        string hint, int places, int textSize, params string[] options)
    {
        byte[] bytes = new byte[192 + (places * 64)];
        BitConverter.TryWriteBytes(bytes.AsSpan(128), places);
        BitConverter.TryWriteBytes(bytes.AsSpan(132), textSize);

        Finished run = await Run(Alg8.Shmproducer, [NewObject(bytes), .. options]);

        run.FailedAtOnce($"producer: the buffer has buffer_size {places}, text_size {textSize}\nhint: ", hint);
    }

    [Fact(Timeout = Limit)]
    public async Task A_short_object_is_made_long_enough_by_what_the_hint_says()
    {
        string name = NewObject(new byte[3]);

        Finished run = await Run(Alg8.Shmproducer, [name]);

        run.FailedAtOnce($"producer: {ObjectPath(name)} has 3 bytes, 13 are needed\n");
        await Follow(run, "to make it long enough: ");
        (await Run(Alg8.Shmproducer, [name])).Printed("produced message: Hello World!\n");
    }

    [Fact(Timeout = Limit)]
    public async Task A_script_that_may_not_be_executed_may_be_after_what_the_hint_says()
    {
        string script = NewPath() + " it's";
        await File.WriteAllTextAsync(
            script, $"#!/bin/sh\nexec '{Alg8.Shmproducer}' \"$@\"\n", TestContext.Current.CancellationToken);

        Finished run = await Run(Alg8.Shmpthreadcon, [NewName(), "--producer", script]);

        run.Failed($"con: execv({script}): Permission denied\n");
        await Follow(run, "if it is a program, ", " makes it executable");
        Assert.Equal(0, (await Run(Alg8.Shmpthreadcon, [NewName(), "--producer", script])).Status);
    }

    [Fact(Timeout = Limit)]
    public async Task Another_key_that_a_hint_names_is_free()
    {
        string path = NewFile();
        await Creator(path, size: 5000);
        uint key = SegmentEntry.KeyOf(path), next = key + 0x0100_0000;
        const string Make = "defined shmget($ARGV[0], 4100, 0666 | 01000) or die";
        await Run(Tool.Find("perl"), ["-e", Make, $"{next}"]);

        Finished run = await Run(Alg8.Shmcon, [path]);

        run.Failed("shmcon: shmget(): File exists\n", "hint: for another key: --proj-id 0x29, say, ");
        Assert.Equal(0, (await Run(Alg8.Shmcon, [path, "--proj-id", "0x29", "--wait", "futex"], "end\n")).Status);
        Remove($"{key:x}");
        Remove($"{next:x}");
    }

    [Theory(Timeout = Limit)]
    [InlineData("alg8-4-shmpthreadcon", "con")]
    [InlineData("alg8-5-shmproducer", "producer")]
    [InlineData("alg8-6-shmconsumer", "consumer")]
    public async Task On_a_dev_shm_where_nothing_can_be_made_no_hint_says_how_to_make_something(
        string program, string name)
    {
        string path = Path.Combine(Repository.Bin, program);

        Finished run = await RunApart("mount -t tmpfs -o ro none /dev/shm", path, "absent");
        run.FailedAtOnce(
            $"{name}: shm_open(): ", "\nhint: ",
            "/dev/shm is mounted read-only; root can change that: mount -o remount,rw /dev/shm\n");
        Assert.DoesNotContain("makes one", run.Error);

        run = await RunApart("mount -t tmpfs none /dev && mkdir /dev/shm && rmdir /dev/shm", path, "absent");
        run.FailedAtOnce($"{name}: shm_open(): No such file or directory\nhint: there is no folder /dev/shm; ");
    }

    [Fact(Timeout = Limit)]
    public async Task Under_the_setting_that_removes_segments_the_controller_names_it()
    {
        string path = NewFile();

        Finished run = await RunApart("echo 1 > /proc/sys/kernel/shm_rmid_forced", Alg8.Shmcon, path);

        run.Failed(
            "was removed by the kernel\nhint: kernel.shm_rmid_forced is on: ", "sysctl -w kernel.shm_rmid_forced=0\n");
        Assert.StartsWith("shmcon: shmid = ", run.Error);
        Assert.DoesNotContain("shmread", run.Output);
    }

    // Does what the hint says, as a user who copies it into a shell.
    private async Task Follow(Finished run, string before, string after = "\n")
    {
        string error = System.Text.Encoding.UTF8.GetString(System.Text.Encoding.Latin1.GetBytes(run.Error));
        int start = error.LastIndexOf(before, StringComparison.Ordinal) + before.Length, end = error.IndexOf(
            after, start, StringComparison.Ordinal);
        Assert.True(start >= before.Length && end > start, error);
        string path = $"{Repository.Bin}:{Environment.GetEnvironmentVariable("PATH")}";
        Finished followed = await Run("/bin/bash", ["-c", error[start..end]], variables: ("PATH", path));
        Assert.Equal((0, ""), (followed.Status, followed.Error));
    }
}
