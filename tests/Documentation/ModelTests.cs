using Algorithms.Tests.Harness;

namespace Algorithms.Tests.Documentation;

/// <summary>The models of docs/model, checked exhaustively by spin.</summary>
public sealed class ModelTests : SharedMemoryTest
{
    [Fact(Timeout = LongLimit)]
    public async Task Spin_finds_no_fault_in_the_buffer_and_the_slot_and_finds_the_race()
    {
        Tool.Find("spin");
        Tool.Find("gcc");

        Finished check =
            await Start(Path.Combine(Repository.Root, "docs/model/check.sh"), []).Ends(TimeSpan.FromMinutes(9));

        Assert.Equal((0, ""), (check.Status, check.Error));
    }
}
