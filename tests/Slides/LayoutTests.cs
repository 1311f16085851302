using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Algorithms.Tests.Harness;
using Mono.Unix.Native;

namespace Algorithms.Tests.Slides;

/// <summary>Every size, offset and constant that the library repeats is the one that the C compiler knows.</summary>
public sealed class LayoutTests : SharedMemoryTest
{
    [Fact(Timeout = Limit)]
    public async Task The_shared_structure_lies_in_memory_as_in_C()
    {
        shared_struct shared = default;

        Assert.Equal(
            [
                ("sizeof(struct shared_struct)", 4100),
                ("offsetof(struct shared_struct,written)", 0),
                ("offsetof(struct shared_struct,mtext)", 4),
                ("sizeof(((struct shared_struct*)0)->written)", 4),
                ("sizeof(((struct shared_struct*)0)->mtext)", 4096),
            ],
            OfC(
                await C(),
                ("sizeof(struct shared_struct)", Unsafe.SizeOf<shared_struct>()),
                ("offsetof(struct shared_struct,written)", Offset(ref shared, ref shared.written)),
                ("offsetof(struct shared_struct,mtext)", Offset(ref shared, ref shared.mtext)),
                ("sizeof(((struct shared_struct*)0)->written)", Unsafe.SizeOf<int>()),
                ("sizeof(((struct shared_struct*)0)->mtext)", Unsafe.SizeOf<message_text>())));

        static long Offset<T, TField>(ref T whole, ref TField field) =>
            Unsafe.ByteOffset(ref Unsafe.As<T, byte>(ref whole), ref Unsafe.As<TField, byte>(ref field));
    }

    [Theory(Timeout = Limit)]
    [InlineData(typeof(shmid_ds))]
    [InlineData(typeof(ipc_perm))]
    public async Task The_kernels_structures_lie_in_memory_as_in_C(Type structure)
    {
        FieldInfo[] fields = structure.GetFields(BindingFlags.Public | BindingFlags.Instance);
        Assert.NotEmpty(fields);

        OfC(
            await C(),
            [
                ($"sizeof(struct {structure.Name})", Marshal.SizeOf(structure)),
                .. fields.Select(field =>
                    ("offsetof(struct "
                        + $"{structure.Name},{NameInC(field)})", (long)Marshal.OffsetOf(structure, field.Name))),
            ]);

        // Names that C keeps for itself.
        static string NameInC(FieldInfo field) => field.Name is "key" or "seq" ? $"__{field.Name}" : field.Name;
    }

    [Theory(Timeout = Limit)]
    [InlineData(typeof(LibC))]
    [InlineData(typeof(ShmData))]
    public async Task Every_constant_has_Cs_value(Type type)
    {
        FieldInfo[] constants = type.GetFields(BindingFlags.Public | BindingFlags.Static);
        Assert.NotEmpty(constants);

        OfC(
            await C(),
            [
                .. constants.Select(constant =>
                    (constant.Name, Convert.ToInt64(constant.GetValue(null), CultureInfo.InvariantCulture))),
            ]);
    }

    [Fact(Timeout = Limit)]
    public async Task Mono_Posix_hands_Cs_values_to_the_system()
    {
        OfC(
            await C(),
            [
                .. new[]
                    {
                        OpenFlags.O_RDONLY, OpenFlags.O_RDWR, OpenFlags.O_CREAT, OpenFlags.O_EXCL, OpenFlags.O_TRUNC,
                    }.Select(flag => ($"{flag}", (long)NativeConvert.FromOpenFlags(flag))),
                .. new[] { MmapProts.PROT_READ, MmapProts.PROT_WRITE }
                    .Select(flag => ($"{flag}", (long)NativeConvert.FromMmapProts(flag))),
                ("MAP_SHARED", NativeConvert.FromMmapFlags(MmapFlags.MAP_SHARED)),
                ("MODE_0644", NativeConvert.FromFilePermissions((FilePermissions)ShmData.MODE_0644)),
            ]);
    }

    // C's own values, by name.
    private async Task<Dictionary<string, long>> C()
    {
        Finished layout = await Run(await Peers.C("layout"), []);
        return layout.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToDictionary(
            line => line[..line.LastIndexOf(' ')],
            line => long.Parse(line[line.LastIndexOf(' ')..], CultureInfo.InvariantCulture));
    }

    // Ours are C's, every one of them; returns them.
    private static (string Name, long Value)[] OfC(Dictionary<string, long> c, params (string Name, long Value)[] ours)
    {
        Assert.All(ours, our =>
        {
            Assert.True(c.TryGetValue(our.Name, out long value), $"layout.c does not show {our.Name}.");
            Assert.Equal(value, our.Value);
        });
        return ours;
    }
}
