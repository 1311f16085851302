using System.Globalization;
using Mono.Unix.Native;

namespace Algorithms.Tests.Harness;

/// <summary>
/// A System V segment as the kernel lists it. The tests look at /proc/sysvipc/shm and make and remove segments with
/// ipcmk and ipcrm: none of the code under test has a hand in it.
/// </summary>
internal sealed record SegmentEntry(uint Key, int Id, string Mode, long Size, int Creator, int Attached)
{
    /// <summary>The size of the lecture's segment.</summary>
    public const int LectureSize = 4100;

    public string Hex => Key.ToString("x", CultureInfo.InvariantCulture);

    public static IReadOnlyList<SegmentEntry> All() =>
        [.. File.ReadLines("/proc/sysvipc/shm").Skip(1).Select(Parse)];

    public static SegmentEntry? Find(uint key) => All().FirstOrDefault(segment => segment.Key == key);

    public static SegmentEntry? Find(int id) => All().FirstOrDefault(segment => segment.Id == id);

    /// <summary>The key that ftok makes: project id, low byte of the device, low 16 bits of the inode.</summary>
    public static uint KeyOf(string path, byte projectId = 0x27)
    {
        Assert.Equal(0, Syscall.stat(path, out Stat status));
        return ((uint)projectId << 24) | ((uint)(status.st_dev & 0xff) << 16) | (uint)(status.st_ino & 0xffff);
    }

    /// <summary>The row that ipcs -m prints for this segment.</summary>
    public string Row(int attached, string owner) =>
        $"0x{Key:x8} {Id,-10} {owner,-10} {Mode,-10} {Size,-10} {attached,-10} {"",-6} {"",-6}\n";

    // key shmid perms size cpid lpid nattch uid gid cuid cgid atime dtime ctime rss swap
    private static SegmentEntry Parse(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int Number(int word) => int.Parse(words[word], CultureInfo.InvariantCulture);
        return new SegmentEntry((uint)Number(0), Number(1), words[2], Number(3), Number(4), Number(6));
    }
}
