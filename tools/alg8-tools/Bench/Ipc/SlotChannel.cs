using System.Runtime.CompilerServices;
using Algorithms.Session;

namespace Algorithms;

/// <summary>The slot of 8-1 to 8-3: one message at a time, `written` tells whose turn it is, and is the acknowledgement too.</summary>
internal sealed class SlotChannel(string? address, Waiting waiting) : SharedChannel(address, Unsafe.SizeOf<shared_struct>())
{
    private ref shared_struct Shared => ref Memory.As<shared_struct>();

    /// <inheritdoc/>
    public override void Send(ReadOnlySpan<byte> message)
    {
        ref shared_struct shared = ref Shared;
        waiting.Until(ref shared.written, 0, Peer, loss: "a message"u8);
        message.CopyTo(shared.mtext);
        waiting.Store(ref shared.written, 1);
    }

    /// <inheritdoc/>
    public override void Receive(Span<byte> message)
    {
        ref shared_struct shared = ref Shared;
        waiting.While(ref shared.written, 0, Peer, loss: "a message"u8);
        ((ReadOnlySpan<byte>)shared.mtext)[..message.Length].CopyTo(message);
        waiting.Store(ref shared.written, 0);
    }

    /// <inheritdoc/>
    public override void Acknowledge()
    {
        // The slot was given back.
    }

    /// <inheritdoc/>
    public override void AwaitAcknowledgement() => waiting.Until(ref Shared.written, 0, Peer, loss: "a message"u8);
}
