using Algorithms.Tests.Harness;

namespace Algorithms.Tests.Buffers;

/// <summary>A stream goes through the bounded buffer byte for byte, and nothing but the stream comes out.</summary>
public sealed class StreamTests : SharedMemoryTest
{
    [Theory(Timeout = Limit)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(3_000_001)]
    public async Task A_stream_of_any_size_comes_out_as_it_went_in(int bytes)
    {
        await PassesThrough(bytes);
    }

    [Theory(Timeout = Limit)]
    [InlineData("--buffer-size", "2")]
    [InlineData("--text-size", "8")]
    [InlineData("--text-size", "5", "--buffer-size", "3")]
    [InlineData("--text-size", "100000")]
    [InlineData("--wait", "spin")]
    public async Task Whatever_the_buffer(params string[] options)
    {
        await PassesThrough(300_007, options);
    }

    [Theory(Timeout = Limit)]
    [InlineData("producer")]
    [InlineData("consumer")]
    public async Task C_takes_either_end(string role)
    {
        string twin = Path.Combine(Folder, "stream");
        await Peers.Compile(Path.Combine(Repository.Root, "tools/bench/twins/stream.c"), twin);

        await PassesThrough(1_000_003, $"--{role}", NewScript($"exec '{twin}' \"$@\" --role {role}"));
    }

    [Fact(Timeout = Limit)]
    public async Task A_gibibyte_comes_out_with_the_checksum_that_it_went_in_with()
    {
        // head -c 1G /dev/zero | sha256sum
        const string Zeros = "49bc20df15e412a64472421e13fe86ff1c5165e18b2afccf160d4dc19fe68a14";

        Finished run = await Run(
            "/bin/sh",
            [
                "-c", $"head -c 1073741824 /dev/zero | '{Alg8.Shmpthreadcon}' {NewName()} --stream | sha256sum"
            ]);

        run.Printed($"{Zeros}  -\n");
    }

    [Fact(Timeout = Limit)]
    public async Task Stats_are_told_on_standard_error()
    {
        Finished run = await Run(Alg8.Shmpthreadcon, [NewName(), "--stream", "--stats"], "0123456789");

        Assert.Equal((0, "0123456789"), (run.Status, run.Output));
        Assert.Matches(@"^stream: bytes 10, items 1, seconds [\d.]+, MB/s \d+\n$", run.Error);
    }

    [Fact(Timeout = Limit)]
    public async Task Who_reads_no_further_ends_the_stream()
    {
        Finished run = await Run("/bin/sh", ["-c", $"yes | '{Alg8.Shmpthreadcon}' {NewName()} --stream | head -n 1"]);

        Assert.Equal("y\n", run.Output);
        Assert.Contains("Broken pipe", run.Error);
    }

    private async Task PassesThrough(int bytes, params string[] options)
    {
        byte[] data = new byte[bytes];
        new Random(bytes).NextBytes(data);
        string source = NewPath(), destination = NewPath();
        await File.WriteAllBytesAsync(source, data, TestContext.Current.CancellationToken);

        Finished run = await Run(
            "/bin/sh",
            [
                "-c", $"exec '{Alg8.Shmpthreadcon}' {NewName()} --stream \"$@\" < '{source}' > '{destination}'", "sh",
                .. options,
            ]);

        Assert.Equal((0, "", ""), (run.Status, run.Output, run.Error));
        Assert.Equal(data, await File.ReadAllBytesAsync(destination, TestContext.Current.CancellationToken));
    }
}
