using System.Security.Cryptography;
using System.Text;
using Mono.Unix.Native;

namespace Algorithms;

/// <summary>The producer or the consumer alone, on an object that the check has made.</summary>
internal abstract class ObjectScene(Ground ground) : Scene(ground)
{
    private const int ObjectSize = 4100;

    protected string Name { get; } = $"myshm{RandomNumberGenerator.GetInt32(100000, 999999)}";

    protected string FilePath => $"/dev/shm/{Name}";

    protected void Make(string text)
    {
        byte[] bytes = new byte[ObjectSize];
        Encoding.UTF8.GetBytes(text).CopyTo(bytes, 0);
        Ground.OwnObject = Name;
        TheirFile.Write(FilePath, bytes, (FilePermissions)0b110_110_110);
    }

    protected string InObject() => Charset.Decode(CString.UpToNul(TheirFile.Read(FilePath, ObjectSize)));

    protected void CheckObject(string role)
    {
        Unmet.Unless(TheirFile.Exists(FilePath), "the object after the end", $"it is still there: {role} has not made it", "it was unlinked");
        long size = TheirFile.Size(FilePath);
        Unmet.Unless(size == ObjectSize, "the object's size", $"{ObjectSize} bytes, as before", $"{size} bytes");
        string others = string.Join(", ", Ground.Objects);
        Unmet.Unless(others.Length == 0, "other objects in /dev/shm", "none", others);
    }
}

/// <summary>shmproducer alone.</summary>
internal sealed class ProducerScene(Ground ground) : ObjectScene(ground)
{
    protected override void Play()
    {
        Make("");
        Actor producer = Ground.Start(Theirs(Roles.Shmproducer), Name);
        producer.CloseInput();
        producer.Ends();
        Note(Roles.Shmproducer, producer);
        if (Expects("text"))
            Unmet.IfDifferent("the message at the start of the object", [Check.Lines[0]], [InObject()]);
        if (Expects("echo"))
        {
            Unmet.IfDifferent(
                "what shmproducer prints", [Transcript.Show(LineKind.Produced, Check.Lines[0])],
                [.. new Transcript(producer.Output).Texts(LineKind.Produced).Select(text => Transcript.Show(LineKind.Produced, text))]);
        }

        if (Expects("end"))
            EndsWell(Roles.Shmproducer, producer);
        if (Expects("object"))
            CheckObject(Roles.Shmproducer);
    }
}

/// <summary>shmconsumer alone.</summary>
internal sealed class ConsumerScene(Ground ground) : ObjectScene(ground)
{
    protected override void Play()
    {
        Make(Check.Lines[0]);
        Actor consumer = Ground.Start(Theirs(Roles.Shmconsumer), Name);
        consumer.CloseInput();
        consumer.Ends();
        Note(Roles.Shmconsumer, consumer);
        if (Expects("text"))
        {
            Unmet.IfDifferent(
                "what shmconsumer prints", [Transcript.Show(LineKind.Consumed, Check.Lines[0])],
                [.. new Transcript(consumer.Output).Texts(LineKind.Consumed).Select(text => Transcript.Show(LineKind.Consumed, text))]);
        }

        if (Expects("end"))
            EndsWell(Roles.Shmconsumer, consumer);
        if (Expects("object"))
        {
            CheckObject(Roles.Shmconsumer);
            Unmet.IfDifferent("the message in the object after the end", [Check.Lines[0]], [InObject()]);
        }
    }
}
