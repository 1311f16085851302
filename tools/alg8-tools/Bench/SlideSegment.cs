using System.Globalization;
using System.Runtime.CompilerServices;
using Algorithms.Linux;
using static Algorithms.Calls;
using static Algorithms.LibC;
using static Algorithms.ShmData;

namespace Algorithms;

/// <summary>A segment as 8-1 makes it, with a key of its own: for a reader or a writer to be measured alone.</summary>
internal sealed class SlideSegment : IDisposable
{
    private readonly IDisposable _removal;
    private readonly Segment _shmptr;

    /// <summary>Make it.</summary>
    public SlideSegment()
    {
        int key = Random.Shared.Next(1, 0x0fff_ffff);
        Key = key.ToString("x", CultureInfo.InvariantCulture);
        int shmid = shmget(key, Unsafe.SizeOf<shared_struct>(), MODE_0666 | IPC_CREAT | IPC_EXCL);
        if (shmid == -1)
            throw new ErrExit("bench: shmget()");
        _removal = Signals.Own(() => shmctl(shmid, IPC_RMID, 0));
        Mark.PutOnSegment(shmid);
        _shmptr = shmat(shmid, 0, 0);
        if (_shmptr.IsInvalid)
            throw new ErrExit("bench: shmat()");
    }

    /// <summary>The key, as %x prints it.</summary>
    public string Key { get; }

    /// <summary>Put a message into the slot, or with an empty text, free it.</summary>
    public void Put(ReadOnlySpan<byte> text)
    {
        ref shared_struct shared = ref _shmptr.As<shared_struct>();
        CString.strncpy(shared.mtext, text, TEXT_SIZE);
        Volatile.Write(ref shared.written, text.IsEmpty ? 0 : 1);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _shmptr.Dispose();
        _removal.Dispose();
    }
}
