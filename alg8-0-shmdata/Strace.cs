using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Mono.Unix.Native;
using static Algorithms.LibC;

namespace Algorithms;

/// <summary>How strace writes the arguments of a call. strace(1)</summary>
internal static class Strace
{
    /// <summary>A string in quotes; what would move the cursor is escaped as in C, UTF-8 stays readable.</summary>
    public static string Quote(string text)
    {
        StringBuilder quoted = new("\"");
        foreach (char c in text)
        {
            _ = c switch
            {
                '"' or '\\' => quoted.Append('\\').Append(c),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                _ when char.IsControl(c) => quoted.Append(CultureInfo.InvariantCulture, $"\\{Convert.ToString(c, 8).PadLeft(3, '0')}"),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>An error's name. Two have the same number, and EAGAIN is the one that the man pages give.</summary>
    public static string Name(Errno errno) => errno == Errno.EAGAIN ? nameof(Errno.EAGAIN) : $"{errno}";

    /// <summary>An address; NULL for 0.</summary>
    public static string Pointer(nint address) => address == 0 ? "NULL" : $"0x{address:x}";

    /// <summary>Where a word lies.</summary>
    public static unsafe string Address(ref int word) => Pointer((nint)Unsafe.AsPointer(ref word));

    /// <summary>A mode: 0644.</summary>
    public static string Octal(int mode) => "0" + Convert.ToString(mode, 8);

    /// <summary>The flags of shmget: IPC_CREAT|0666.</summary>
    public static string ShmFlags(int shmflg) =>
        ((shmflg & IPC_CREAT) != 0 ? "IPC_CREAT|" : "")
        + ((shmflg & IPC_EXCL) != 0 ? "IPC_EXCL|" : "")
        + Octal(shmflg & ~(IPC_CREAT | IPC_EXCL));

    /// <summary>Flags that have names: O_RDWR|O_CREAT.</summary>
    public static string Flags<T>(T flags)
        where T : struct, Enum =>
        $"{flags}".Replace(", ", "|", StringComparison.Ordinal);

    /// <summary>What stat found, in short.</summary>
    public static string Struct(Stat stat) =>
        $"{{st_mode={Flags(stat.st_mode & FilePermissions.S_IFMT)}|{Octal((int)(stat.st_mode & FilePermissions.ALLPERMS))}, st_size={stat.st_size}, ...}}";

    /// <summary>The time limit of futex, behind the other arguments.</summary>
    public static string Timeout(int milliseconds) => $", {{tv_sec={milliseconds / 1000}, tv_nsec={milliseconds % 1000 * 1_000_000}}}";
}
