using System.Globalization;
using Algorithms.Linux;

namespace Algorithms.Session;

/// <summary>Which memory a controller has made: by what its children find it, and what nobody else can make again.</summary>
internal abstract record MemoryId
{
    /// <summary>In one line, for the environment of a child.</summary>
    public abstract string HandDown();

    /// <summary>Whether a key names it.</summary>
    public virtual bool IsNamedBy(int key) => false;

    /// <summary>Whether a name names it, as it was typed.</summary>
    public virtual bool IsNamedBy(string name) => false;

    /// <summary>What <see cref="HandDown"/> has made; null if it is nothing of the kind.</summary>
    public static MemoryId? Parse(string text)
    {
        switch (text.Split(':', 4))
        {
            case [OfSegment.Kind, var key, var shmid]
                when int.TryParse(key, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int k)
                && int.TryParse(shmid, NumberStyles.None, CultureInfo.InvariantCulture, out int id):
                return new OfSegment(k, id);

            case [OfObject.Kind, var device, var inode, var name]
                when ulong.TryParse(device, NumberStyles.None, CultureInfo.InvariantCulture, out ulong d)
                && ulong.TryParse(inode, NumberStyles.None, CultureInfo.InvariantCulture, out ulong i):
                return new OfObject(name, d, i);

            default:
                return null;
        }
    }

    /// <summary>A System V segment.</summary>
    /// <param name="Key">Its key.</param>
    /// <param name="Shmid">Its id: one that is removed does not come back for a long time.</param>
    public sealed record OfSegment(int Key, int Shmid) : MemoryId
    {
        internal const string Kind = "segment";

        /// <inheritdoc/>
        public override string HandDown() => string.Create(CultureInfo.InvariantCulture, $"{Kind}:{Key:x}:{Shmid}");

        /// <inheritdoc/>
        public override bool IsNamedBy(int key) => key == Key;
    }

    /// <summary>An object of /dev/shm.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Device">With the inode, what it is: as long as somebody has it open, there is no other like it.</param>
    /// <param name="Inode">With the device, what it is.</param>
    public sealed record OfObject(string Name, ulong Device, ulong Inode) : MemoryId
    {
        internal const string Kind = "object";

        /// <inheritdoc/>
        public override string HandDown() => string.Create(CultureInfo.InvariantCulture, $"{Kind}:{Device}:{Inode}:{Name}");

        /// <inheritdoc/>
        public override bool IsNamedBy(string name) => name.TrimStart('/') == Name.TrimStart('/');

        /// <summary>Whether this is it.</summary>
        public bool Is(ObjectInfo other) => (Device, Inode) == (other.Device, other.Inode);
    }
}
