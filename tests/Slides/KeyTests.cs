using System.Runtime.InteropServices;
using Algorithms.Tests.Harness;
using Mono.Unix.Native;

namespace Algorithms.Tests.Slides;

/// <summary>The key of a path and a project id is C's and perl's own.</summary>
public sealed class KeyTests : SharedMemoryTest
{
    private static readonly string[] ProjectIds = ["27", "1", "7f", "80", "ff"];

    [Fact(Timeout = Limit)]
    public async Task The_controllers_keys_are_C_s_ftok()
    {
        string path = NewFile();

        Finished c = await Run(await Peers.C("ftok"), [path, .. ProjectIds]);

        c.Printed(await KeysOfTheController(path));
    }

    [Fact(Timeout = Limit)]
    public async Task The_controllers_keys_are_perls_ftok()
    {
        string path = NewFile();
        const string Script =
            "use IPC::SysV 'ftok'; my $path = shift; printf \"%x\\n\", ftok($path, hex) & 0xffffffff for @ARGV";

        Finished perl = await Run(Tool.Find("perl"), ["-e", Script, path, .. ProjectIds]);

        perl.Printed(await KeysOfTheController(path));
    }

    [Fact(Timeout = Limit)]
    public async Task A_symbolic_link_has_the_key_of_what_it_points_to()
    {
        string path = NewFile();
        string link = File.CreateSymbolicLink(NewPath(), path).FullName;

        Assert.Equal(await KeysOfTheController(path), await KeysOfTheController(link));
    }

    [Fact(Timeout = Limit)]
    public async Task A_path_without_a_file_has_no_key()
    {
        string path = NewPath();

        Finished c = await Run(await Peers.C("ftok"), [path, "27"]);

        Assert.Equal(("ftok(): No such file or directory\n", 1), (c.Error, c.Status));
        Assert.Equal(-1, Calls.ftok(path, 0x27));
        Assert.Equal(Errno.ENOENT, (Errno)Marshal.GetLastPInvokeError());
    }

    private async Task<string> KeysOfTheController(string path)
    {
        string keys = "";
        foreach (string id in ProjectIds)
        {
            Finished run = await Run(Alg8.Shmcon, [path, "--wait", "futex", "--proj-id", "0x" + id], "end\n");
            keys += run.Output.Split("IPC key = ")[1].Split('\n')[0] + "\n";
        }

        return keys;
    }
}
