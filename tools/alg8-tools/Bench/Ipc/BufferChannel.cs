using Algorithms.Session;

namespace Algorithms;

/// <summary>The bounded buffer: messages through one, acknowledgements through another.</summary>
internal sealed class BufferChannel : SharedChannel
{
    private readonly BufferProducer _sending;
    private readonly BufferConsumer _receiving;
    private readonly BufferChannel? _back;

    /// <summary>The sender makes both, the receiver finds both.</summary>
    /// <param name="address">The ids of their segments; null to make them.</param>
    /// <param name="bufferSize">BUFFER_SIZE.</param>
    /// <param name="messageSize">The bytes of a message.</param>
    /// <param name="waiting">How to wait.</param>
    public BufferChannel(string? address, int bufferSize, int messageSize, Func<Waiting> waiting)
        : this(address?.Split(',')[0], bufferSize, messageSize, waiting()) =>
        _back = new BufferChannel(address?.Split(',')[1], bufferSize, messageSize: 1, waiting());

    private BufferChannel(string? address, int bufferSize, int messageSize, Waiting waiting)
        : base(address, BoundedBuffer.SizeOf(bufferSize, messageSize))
    {
        if (address is null)
        {
            _ = Timed(() =>
            {
                BoundedBuffer.Initialize(Memory, bufferSize, messageSize);
                return 0;
            });
        }

        (_sending, _receiving) = (new BufferProducer(Memory, waiting, Peer), new BufferConsumer(Memory, waiting, Peer));
    }

    /// <inheritdoc/>
    public override string Address => $"{Shmid},{_back?.Shmid}";

    /// <inheritdoc/>
    public override TimeSpan SetUp => base.SetUp + (_back?.SetUp ?? TimeSpan.Zero);

    /// <inheritdoc/>
    public override void Send(ReadOnlySpan<byte> message)
    {
        message.CopyTo(_sending.NextProduced(loss: "a message"u8));
        _sending.Put(message.Length);
    }

    /// <inheritdoc/>
    public override void Receive(Span<byte> message)
    {
        _receiving.NextConsumed(loss: "a message"u8).CopyTo(message);
        _receiving.Take();
    }

    /// <inheritdoc/>
    public override void Acknowledge() => _back!.Send([1]);

    /// <inheritdoc/>
    public override void AwaitAcknowledgement()
    {
        Span<byte> one = stackalloc byte[1];
        _back!.Receive(one);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _back?.Dispose();
        base.Dispose();
    }
}
