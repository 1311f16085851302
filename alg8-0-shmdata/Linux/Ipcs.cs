using System.Text;

namespace Algorithms.Linux;

/// <summary>The table of segments as the lecture shows it. ipcs(1)</summary>
public static class Ipcs
{
    private const int LookMilliseconds = 10, MostMilliseconds = 500;

    /// <summary>
    /// The lecture's <c>ipcs -m | grep SHMID</c>, but exactly the row of this id: ipcs's own, newline included, or
    /// the same made from /proc where there is no ipcs. Empty if there is no such segment. ipcs(1)
    /// </summary>
    public static string Row(int shmid)
    {
        LetWatchersGo(shmid);
        return RowFromIpcs(shmid) ?? RowFromProc(shmid);
    }

    // A removed segment is listed until the last one detaches: who only looks on does so at the next look.
    private static void LetWatchersGo(int shmid)
    {
        for (int waited = 0; waited < MostMilliseconds && SegmentInfo.Of(shmid) is { IsRemoved: true } segment && !segment.IsInUse(); waited += LookMilliseconds)
            Signals.Sleep(LookMilliseconds);
    }

    private static string? RowFromIpcs(int shmid)
    {
        return Child.OutputOf("ipcs", "-m") is not { } table
            ? null
            : string.Concat(
                from line in Encoding.UTF8.GetString(table).Split('\n')
                where line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var id, ..] && id == $"{shmid}"
                select line + "\n");
    }

    private static string RowFromProc(int shmid) =>
        SegmentInfo.List().FirstOrDefault(segment => segment.Shmid == shmid) is { } s
            ? $"0x{s.Key:x8} {s.Shmid,-10} {s.OwnerName(),-10} {Convert.ToString(s.Mode & 0x1ff, 8),-10} {s.Size,-10} {s.Attached,-10} "
                + $"{(s.IsRemoved ? "dest" : " "),-6} {" ",-6}\n"
            : "";
}
