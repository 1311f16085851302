using System.Runtime.InteropServices;
using Mono.Unix.Native;

namespace Algorithms;

/// <summary>
/// The other model of interprocess communication, message passing: System V and POSIX message queues, and the bytes of
/// pipes and sockets, under C's own names. For comparison: the lecture's programs use none of them. errno is left in
/// <see cref="Marshal.GetLastPInvokeError"/>.
/// </summary>
public static unsafe partial class MessagePassing
{
    private const string libc = "libc";

    // ---- System V: sys/msg.h ----

    /// <summary>Do not wait: fail with ENOMSG where there is no message. 04000, msgop(2)</summary>
    public const int IPC_NOWAIT = 0b100_000_000_000;

    // int msgget(key_t key, int msgflg);
    /// <summary>Find or create the queue of a key. msgget(2)</summary>
    /// <returns>The queue's id, or -1: EACCES, EEXIST, ENOENT, ENOMEM, ENOSPC.</returns>
    [LibraryImport(libc, SetLastError = true)]
    public static partial int msgget(int key, int msgflg);

    // int msgctl(int msqid, int cmd, struct msqid_ds *buf);
    /// <summary>With IPC_RMID, remove a queue; who waits on it is woken with EIDRM. msgctl(2)</summary>
    /// <returns>0, or -1: EIDRM, EINVAL, EPERM.</returns>
    [LibraryImport(libc, SetLastError = true)]
    public static partial int msgctl(int msqid, int cmd, nint buf);

    // int msgsnd(int msqid, const void *msgp, size_t msgsz, int msgflg);
    [LibraryImport(libc, SetLastError = true)]
    private static partial int msgsnd(int msqid, byte* msgp, nint msgsz, int msgflg);

    // ssize_t msgrcv(int msqid, void *msgp, size_t msgsz, long msgtyp, int msgflg);
    [LibraryImport(libc, SetLastError = true)]
    private static partial nint msgrcv(int msqid, byte* msgp, nint msgsz, nint msgtyp, int msgflg);

    /// <summary>Put a message into a queue; wait while it is full. msgsnd(2)</summary>
    /// <param name="msqid">The queue.</param>
    /// <param name="msgp">struct msgbuf: a type in the first eight bytes, more than 0, and the text behind it.</param>
    /// <returns>0, or -1: EACCES, EIDRM, EINTR, EINVAL.</returns>
    public static int msgsnd(int msqid, ReadOnlySpan<byte> msgp)
    {
        fixed (byte* p = msgp)
            return msgsnd(msqid, p, msgp.Length - sizeof(long), 0);
    }

    /// <summary>Take the first message of a type out of a queue; wait while there is none. msgrcv(2)</summary>
    /// <param name="msqid">The queue.</param>
    /// <param name="msgp">Room for struct msgbuf.</param>
    /// <param name="msgtyp">The type.</param>
    /// <param name="msgflg">IPC_NOWAIT, or 0.</param>
    /// <returns>The bytes of its text, or -1: E2BIG, EACCES, EIDRM, EINTR, ENOMSG.</returns>
    public static int msgrcv(int msqid, Span<byte> msgp, long msgtyp, int msgflg = 0)
    {
        fixed (byte* p = msgp)
            return (int)msgrcv(msqid, p, msgp.Length - sizeof(long), (nint)msgtyp, msgflg);
    }

    // ---- POSIX: mqueue.h ----

    // mqd_t mq_open(const char *name, int oflag, mode_t mode, struct mq_attr *attr);
    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mq_open(string name, int oflag, uint mode, in mq_attr attr);

    // int mq_close(mqd_t mqdes);
    /// <summary>Close a queue. mq_close(3)</summary>
    /// <returns>0, or -1: EBADF.</returns>
    [LibraryImport(libc, SetLastError = true)]
    public static partial int mq_close(int mqdes);

    // int mq_unlink(const char *name);
    /// <summary>Take a queue's name away; it goes with its last user. mq_unlink(3)</summary>
    /// <returns>0, or -1: EACCES, ENOENT.</returns>
    [LibraryImport(libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mq_unlink(string name);

    // int mq_send(mqd_t mqdes, const char *msg_ptr, size_t msg_len, unsigned int msg_prio);
    [LibraryImport(libc, SetLastError = true)]
    private static partial int mq_send(int mqdes, byte* msg_ptr, nint msg_len, uint msg_prio);

    // ssize_t mq_receive(mqd_t mqdes, char *msg_ptr, size_t msg_len, unsigned int *msg_prio);
    [LibraryImport(libc, SetLastError = true)]
    private static partial nint mq_receive(int mqdes, byte* msg_ptr, nint msg_len, uint* msg_prio);

    /// <summary>Open, and with O_CREAT create, a queue of at most ten messages, which every user may have. mq_open(3)</summary>
    /// <param name="name">A slash and a name.</param>
    /// <param name="oflag">O_RDONLY or O_WRONLY, and O_CREAT, O_EXCL.</param>
    /// <param name="messageSize">The most bytes of a message: 8192 or less, where the administrator has not changed that.</param>
    /// <returns>The descriptor, or -1: EACCES, EEXIST, EINVAL, ENOENT, ENOSPC, ENOSYS.</returns>
    public static int mq_open(string name, OpenFlags oflag, int messageSize) =>
        mq_open(name, NativeConvert.FromOpenFlags(oflag), 0b110_000_000, new mq_attr { mq_maxmsg = 10, mq_msgsize = messageSize });

    /// <summary>Put a message into a queue; wait while it is full. mq_send(3)</summary>
    /// <returns>0, or -1: EBADF, EINTR, EMSGSIZE.</returns>
    public static int mq_send(int mqdes, ReadOnlySpan<byte> message)
    {
        fixed (byte* p = message)
            return mq_send(mqdes, p, message.Length, 0);
    }

    /// <summary>Take the oldest message out of a queue; wait while there is none. mq_receive(3)</summary>
    /// <param name="mqdes">The queue.</param>
    /// <param name="room">As many bytes as its messages may have.</param>
    /// <returns>The bytes of the message, or -1: EBADF, EINTR, EMSGSIZE.</returns>
    public static int mq_receive(int mqdes, Span<byte> room)
    {
        fixed (byte* p = room)
            return (int)mq_receive(mqdes, p, room.Length, null);
    }

    // ---- pipes and sockets: unistd.h ----

    // ssize_t read(int fd, void *buf, size_t count);
    [LibraryImport(libc, SetLastError = true)]
    private static partial nint read(int fd, byte* buf, nint count);

    // ssize_t write(int fd, const void *buf, size_t count);
    [LibraryImport(libc, SetLastError = true)]
    private static partial nint write(int fd, byte* buf, nint count);

    /// <summary>Read what there is, up to the room there is; wait while there is nothing. read(2)</summary>
    /// <returns>The bytes, 0 at the end, or -1: EBADF, ECONNRESET, EINTR, EIO.</returns>
    public static int read(int fd, Span<byte> buf)
    {
        fixed (byte* p = buf)
            return (int)read(fd, p, buf.Length);
    }

    /// <summary>Write as much as there is room for; wait while there is none. write(2)</summary>
    /// <returns>The bytes, or -1: EBADF, EINTR, EPIPE.</returns>
    public static int write(int fd, ReadOnlySpan<byte> buf)
    {
        fixed (byte* p = buf)
            return (int)write(fd, p, buf.Length);
    }

    // 64 bytes on 64-bit Linux. mq_getattr(3)
    private struct mq_attr
    {
        public nint mq_flags, mq_maxmsg, mq_msgsize, mq_curmsgs;
        private readonly nint _reserved1, _reserved2, _reserved3, _reserved4;
    }
}
