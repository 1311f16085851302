using System.Globalization;
using Algorithms.Tests.Harness;

namespace Algorithms.Tests.Grade;

/// <summary>
/// run.sh grade gives full marks to what is right, in whatever form it comes: the suite itself, a C submission, a Makefile,
/// executables, a C# project, and files as Windows and a Mac leave them.
/// </summary>
public sealed class GradeTests : GradeTest
{
    private static readonly string[] PosixPrograms = ["shmpthreadcon", "shmproducer", "shmconsumer"];

    [Fact(Timeout = LongLimit)]
    public async Task The_suite_itself_has_full_marks()
    {
        string folder = Directory.CreateDirectory(NewPath()).FullName;
        (await Run("/bin/cp", ["-r", $"{Repository.Bin}/.", folder])).Printed("");

        await HasFullMarks(folder);
    }

    [Fact(Timeout = LongLimit)]
    public async Task A_correct_submission_has_full_marks_its_queue_included() => await HasFullMarks(Submission("correct"));

    [Fact(Timeout = LongLimit)]
    public async Task The_suites_queue_passes_as_a_students()
    {
        string folder = Directory.CreateDirectory(NewPath()).FullName;
        (await Run("/bin/cp", ["-r", $"{Repository.Bin}/.", folder])).Printed("");
        string queue = Path.Combine(folder, "alg8-1-shmcon-queue");
        File.WriteAllText(queue, "#!/bin/sh\nexec ./alg8-1-shmcon --buffer-size 10 \"$@\"\n");
        foreach (string child in (string[])["alg8-2-shmread", "alg8-3-shmwrite"])
        {
            File.WriteAllText(Path.Combine(folder, $"{child}-queue"), $"#!/bin/sh\nexec ./{child} \"$@\"\n");
        }

        await HasFullMarks(folder, "--rubric", RubricFor("queuecon"));
    }

    [Theory(Timeout = LongLimit)]
    [InlineData("8-{0}-queue")]
    [InlineData("Ring buffer 8_{0}")]
    public async Task The_queue_is_known_by_other_names_too(string name)
    {
        string folder = Submission("queue");
        foreach (string source in Directory.GetFiles(folder, "*-queue.c"))
        {
            File.Move(source, Path.Combine(folder, string.Format(CultureInfo.InvariantCulture, name, Path.GetFileName(source)[6]) + ".c"));
        }

        await HasFullMarks(folder, "--rubric", RubricFor("queuecon"));
    }

    [Fact(Timeout = LongLimit)]
    public async Task No_blank_before_a_message_does_no_harm_nor_a_capital_C()
    {
        string folder = Submission("tight"), source = Path.Combine(folder, "alg.8-2-shmread.c");
        File.WriteAllText(Path.ChangeExtension(source, ".C"), File.ReadAllText(source).Replace("You wrote: %s", "You wrote:%s"));
        File.Delete(source);

        await HasFullMarks(folder, "--rubric", RubricFor("shmread"));
    }

    [Fact(Timeout = LongLimit)]
    public async Task Chinese_in_GBK_carriage_returns_a_byte_order_mark_and_sub_folders_do_no_harm()
    {
        Tool.Find("perl");
        string folder = Submission("odd");
        // A character whose second byte is a backslash ends the line of a comment; the folder's own name is not UTF-8.
        const string Script = """
            $d = "\xca\xb5\xd1\xe9"; mkdir $d or die $!;
            for $name (glob "*.[ch]") {
                local $/; open F, "<", $name; $text = <F>; close F; unlink $name;
                $text = $name =~ /producer/ ? "\xef\xbb\xbf$text" : "/* \xb9\xb2\xcf\xed */ // \x82\x5c\n$text";
                $text =~ s/\n/\r\n/g;
                open F, ">", "$d/$name" or die $!; print F $text; close F;
            }
            open F, ">", "._alg.8-5-shmproducer.c"; print F "\0\5\26\7"; close F;
            """;
        (await Run("perl", ["-e", Script], folder: folder)).Printed("");

        try
        {
            await HasFullMarks(folder, "--rubric", RubricFor(PosixPrograms));
        }
        finally
        {
            await Run("/bin/rm", ["-r", folder]); // .NET cannot name what is in it
        }
    }

    [Fact(Timeout = LongLimit)]
    public async Task A_Makefile_is_used()
    {
        Tool.Find("make");
        string folder = Submission("made");
        File.WriteAllText(Path.Combine(folder, "Makefile"), """
            all: $(patsubst %.c,%.o,$(wildcard alg.8-[456]-*.c))
            %.o: %.c
            	gcc -DTITLE='"Hello World!"' -o $@ $< -lrt

            """);
        string producer = Path.Combine(folder, "alg.8-5-shmproducer.c");
        File.WriteAllText(producer, File.ReadAllText(producer).Replace("\"Hello World!\"", "TITLE")); // gcc alone would not do

        await HasFullMarks(folder, "--rubric", RubricFor(PosixPrograms));
    }

    [Fact(Timeout = LongLimit)]
    public async Task Executables_are_taken_as_they_are()
    {
        string folder = Submission("built");
        foreach (string source in Directory.GetFiles(folder))
        {
            if (Path.GetFileName(source) is ['a', 'l', 'g', '.', '8', '-', '4' or '5' or '6', .., '.', 'c'])
            {
                string executable = Path.ChangeExtension(source, "o");
                (await Run("gcc", ["-o", executable, source, "-lrt"])).Printed("");
                File.SetUnixFileMode(executable, UnixFileMode.UserRead | UnixFileMode.UserWrite); // as an archive may leave it
            }
        }

        foreach (string source in Directory.GetFiles(folder).Where(path => !path.EndsWith(".o", StringComparison.Ordinal)))
        {
            File.Delete(source);
        }

        await HasFullMarks(folder, "--rubric", RubricFor(PosixPrograms));
    }

    [Fact(Timeout = LongLimit)]
    public async Task A_CSharp_project_is_built_and_graded()
    {
        string folder = Directory.CreateDirectory(Path.Combine(NewPath(), "alg8-5-shmproducer")).FullName;
        File.WriteAllText(Path.Combine(folder, "alg8-5-shmproducer.csproj"), """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework></PropertyGroup>
            </Project>
            """);
        File.WriteAllText(Path.Combine(folder, "Program.cs"), """
            using System.IO.MemoryMappedFiles;
            if (args.Length < 1) return 1;
            using var map = MemoryMappedFile.CreateFromFile("/dev/shm/" + args[0], System.IO.FileMode.Open, null, 4100);
            using var view = map.CreateViewAccessor();
            byte[] message = "Hello World!"u8.ToArray();
            view.WriteArray(0, message, 0, message.Length);
            System.Console.WriteLine("produced message: Hello World!");
            return 0;
            """);

        await HasFullMarks(Path.GetDirectoryName(folder)!, "--rubric", RubricFor("shmproducer"));
    }

    private async Task HasFullMarks(string folder, params string[] options)
    {
        string json = NewPath();

        Finished run = await Grade([.. options, "--json", json, folder]);

        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.DoesNotContain("FAILED", run.Output);
        Assert.Matches(@"\n([1-9][0-9]*) of \1 points\n$", run.Output);
        Assert.NotEmpty(Scores(json));
        Assert.Empty(Lost(json));
    }
}
