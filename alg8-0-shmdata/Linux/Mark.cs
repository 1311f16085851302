using System.Runtime.InteropServices;
using Mono.Unix.Native;

namespace Algorithms.Linux;

/// <summary>
/// What tells memory that the suite has made from that of others, whatever its key or name: some bytes behind its end, in
/// the rest of its last page. They are part of no layout, and no program of the lecture sees them.
/// </summary>
public static unsafe class Mark
{
    private static readonly long _page = Environment.SystemPageSize;

    private static ReadOnlySpan<byte> Magic => "alg8 shared mem\n"u8;

    /// <summary>Mark a segment as this process's.</summary>
    public static void PutOnSegment(int shmid)
    {
        if (SegmentInfo.Of(shmid) is not { } info || OffsetIn(info.Size) is not { } offset)
            return;
        if (SegmentInfo.AreRemovedAtLastDetach())
            return; // the detach below would remove it, and the kernel leaves nothing to `clean`
        using Segment memory = Segment.Attach(shmid);
        if (!memory.IsInvalid) // else the program's own shmat fails too, and says why
            Put((byte*)memory.Address + offset);
    }

    /// <summary>Mark an object as this process's. Its size must be the one that it keeps.</summary>
    public static void PutOnObject(ShmObject fd, long size)
    {
        if (OffsetIn(size) is not { } offset)
            return;
        nint page = Syscall.mmap(0, (ulong)_page, MmapProts.PROT_READ | MmapProts.PROT_WRITE, MmapFlags.MAP_SHARED, fd.Fd, size / _page * _page);
        if (page == -1)
            return;
        Put((byte*)page + (offset % _page));
        _ = Syscall.munmap(page, (ulong)_page);
    }

    /// <summary>Whether memory of this size has room for a mark: not where its last page is full.</summary>
    public static bool HasRoom(long size) => OffsetIn(size) is not null;

    /// <summary>Whether a segment has been marked by a process that is gone.</summary>
    public static bool IsOf(Segment segment) => OffsetIn(segment.Length) is { } offset && IsGone((byte*)segment.Address + offset);

    /// <summary>Whether an object has been marked by a process that is gone.</summary>
    public static bool IsOf(ShmObject fd, long size)
    {
        if (OffsetIn(size) is not { } offset)
            return false;
        nint page = Syscall.mmap(0, (ulong)_page, MmapProts.PROT_READ, MmapFlags.MAP_SHARED, fd.Fd, size / _page * _page);
        if (page == -1)
            return false;
        bool isGone = IsGone((byte*)page + (offset % _page));
        _ = Syscall.munmap(page, (ulong)_page);
        return isGone;
    }

    private static long? OffsetIn(long size)
    {
        long end = (size + _page - 1) / _page * _page;
        return size > 0 && end - size >= sizeof(Content) ? end - sizeof(Content) : null;
    }

    private static void Put(byte* place)
    {
        Magic.CopyTo(new Span<byte>(place, Magic.Length));
        ((Content*)place)->Pid = Environment.ProcessId;
        ((Content*)place)->Started = ProcFs.Started(Environment.ProcessId);
    }

    private static bool IsGone(byte* place)
    {
        Content mark = *(Content*)place;
        return new ReadOnlySpan<byte>(place, Magic.Length).SequenceEqual(Magic)
            && !(ProcFs.IsAlive((int)mark.Pid) && ProcFs.Started((int)mark.Pid) == mark.Started);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Content
    {
        private readonly long _magic1, _magic2;

        public long Pid, Started;
    }
}
