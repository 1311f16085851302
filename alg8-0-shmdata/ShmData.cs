using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static Algorithms.LibC;

namespace Algorithms;

/// <summary>Algorithm 8-0, shmdata.h: what both sides of a shared memory must agree on.</summary>
public static class ShmData
{
    /// <summary>The size of one message in bytes, its NUL included: a page. [8-0]</summary>
    public const int TEXT_SIZE = 4 * 1024;

    /// <summary>The maximal number of messages in the segment. [8-0]</summary>
    public const int TEXT_NUM = 1;

    /// <summary>The owner may read. 0400, inode(7)</summary>
    public const int S_IRUSR = 0b100_000_000;

    /// <summary>The owner may write. 0200, inode(7)</summary>
    public const int S_IWUSR = 0b010_000_000;

    /// <summary>The flags with which every program of the lecture calls shmget. [8-0]</summary>
    public const int PERM = S_IRUSR | S_IWUSR | IPC_CREAT;

    /// <summary>0666, everybody reads and writes: the mode of the lecture's segments and objects. [8-1.2]</summary>
    public const int MODE_0666 = 0b110_110_110;

    /// <summary>0444: what the consumer hands to shm_open, which uses it only with O_CREAT. [8-6]</summary>
    public const int MODE_0444 = 0b100_100_100;

    /// <summary>0644: the mode of a file that creat makes for ftok. [8-1.1]</summary>
    public const int MODE_0644 = 0b110_100_100;

    /// <summary>The lecture's project id for ftok, of which 8 bits are used. [8-1.2]</summary>
    public const int PROJ_ID = 0x27;

    /// <summary>stdlib.h: all went well.</summary>
    public const int EXIT_SUCCESS = 0;

    /// <summary>stdlib.h: an error, the usage line included.</summary>
    public const int EXIT_FAILURE = 1;
}

/// <summary>The message slot that reader and writer share: 4100 bytes, as C lays it out. [8-0]</summary>
[StructLayout(LayoutKind.Sequential)]
public struct shared_struct
{
    /// <summary>0: the buffer is writable; any other value: it is readable. Offset 0</summary>
    public int written;

    /// <summary>The message: bytes up to a NUL. Offset 4</summary>
    public message_text mtext;
}

/// <summary>char mtext[TEXT_SIZE]: the bytes of one message.</summary>
[InlineArray(ShmData.TEXT_SIZE)]
public struct message_text
{
    private byte _first;
}
