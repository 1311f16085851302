using Mono.Unix.Native;

namespace Algorithms.Tests.Failures;

/// <summary>
/// errno is taken before anything else happens: the text of an error, or of a trace, makes calls of its own.
/// </summary>
public sealed class ErrnoTests
{
    [Fact]
    public void An_error_has_the_errno_of_the_call_before_its_text()
    {
        Assert.Equal(-1, Syscall.stat("/nowhere/at/all", out _));

        ErrExit error = new($"stat({Close(-1)}, {Close(-2)})");

        Assert.Equal((Errno.ENOENT, "stat(-1, -1): No such file or directory"), (error.Errno, error.Message));

        // What formats a text may call: here with another errno, EBADF.
        static int Close(int fd) => Syscall.close(fd);
    }
}
