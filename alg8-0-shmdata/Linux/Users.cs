using Mono.Unix.Native;

namespace Algorithms.Linux;

/// <summary>The users of this machine. passwd(5)</summary>
public static class Users
{
    /// <summary>A user's name, or the number where there is none.</summary>
    public static string NameOf(uint uid) => Syscall.getpwuid(uid) is { pw_name: { Length: > 0 } name } ? name : $"{uid}";
}
