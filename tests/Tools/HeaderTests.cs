using Algorithms.Tests.Harness;

namespace Algorithms.Tests.Tools;

/// <summary>`run.sh 8-0` shows what the lecture's header holds, as a header that a C compiler reads.</summary>
public sealed class HeaderTests : SharedMemoryTest
{
    [Fact(Timeout = Limit)]
    public async Task It_names_sizes_offsets_and_constants()
    {
        Finished run = await Run(Repository.RunSh, ["8-0"]);

        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.All(
            ["TEXT_SIZE 4096", "TEXT_NUM  1", "4100 bytes", "offset 0", "offset 4", "0x27", "0666", "01600"],
            part => Assert.Contains(part, run.Output));
    }

    [Fact(Timeout = Limit)]
    public async Task A_C_program_can_include_it_and_finds_what_it_says()
    {
        Finished run = await Run(Repository.RunSh, ["8-0"]);
        string source = Path.Combine(Folder, "program.c");
        await File.WriteAllTextAsync(source, run.Output + """
            #include <stddef.h>
            int main(void)
            {
                printf("%d %d %d %zu ", TEXT_SIZE, TEXT_NUM, PERM, sizeof(struct shared_struct));
                printf("%zu %zu\n", offsetof(struct shared_struct, written), offsetof(struct shared_struct, mtext));
                ERR_EXIT("the end");
            }

            """, TestContext.Current.CancellationToken);
        string program = NewPath();
        await Peers.Compile(source, program);

        Finished ran = await Run(program, []);

        Assert.Equal($"4096 1 {ShmData.PERM} 4100 0 4\n", ran.Output);
        Assert.StartsWith("the end: ", ran.Error);
        Assert.Equal(1, ran.Status);
    }
}
