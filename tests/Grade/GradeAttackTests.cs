using System.Text;
using Algorithms.Tests.Harness;

namespace Algorithms.Tests.Grade;

/// <summary>What a submission may bring along to have grade, or who reads its reports, do what it wants.</summary>
public sealed class GradeAttackTests : GradeTest
{
    // What grade starts, outside and inside.
    private static readonly string[] Commands =
        ["tar", "rm", "find", "sh", "setsid", "setpriv", "prlimit", "unshare", "mount", "bwrap", "chmod", "env", "stdbuf", "gcc", "make"];

    [Theory(Timeout = LongLimit)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.OtherRead)]
    public async Task A_program_in_the_submissions_folder_is_never_run_in_the_place_of_the_systems(UnixFileMode mode)
    {
        await NeedIsolation();
        string submission = Submission("student"), made = NewPath(), json = NewPath();
        foreach (string command in Commands)
        {
            string path = Path.Combine(submission, command);
            File.WriteAllText(path, $"#!/bin/sh\ntouch {made}\n");
            File.SetUnixFileMode(path, mode);
        }

        Finished run = await Start(Repository.RunSh, ["grade", "--rubric", RubricFor("shmproducer"), "--json", json, "."], folder: submission)
            .Ends(patience: TimeSpan.FromMilliseconds(LongLimit));

        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.False(File.Exists(made));
        Assert.NotEmpty(Scores(json));
        Assert.Empty(Lost(json));
    }

    [Fact(Timeout = LongLimit)]
    public async Task Links_and_pipes_in_the_place_of_the_checks_own_files_are_not_followed()
    {
        string submission = Submission("links");
        Edit(submission, "alg.8-2-shmread.c", "int main(int argc, char *argv[])\n{\n", """
            #include <sys/stat.h>
            #include <unistd.h>

            int main(int argc, char *argv[])
            {
                unlink("/tmp/alg8/shmread.err");
                symlink("/etc/passwd", "/tmp/alg8/shmread.err");
                unlink("/tmp/alg8/shmread.out");
                symlink("/dev/zero", "/tmp/alg8/shmread.out");
                mkfifo("/tmp/alg8/shmread.args.1", 0666);
                return EXIT_FAILURE;

            """);

        Finished run = await Grade("--rubric", RubricFor("shmread"), submission);

        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Contains("FAILED    0/2  shmread: works with the suite's controller and writer\n", run.Output);
        Assert.DoesNotContain("root:", run.Output);
    }

    [Fact(Timeout = LongLimit)]
    public async Task What_fails_for_one_submission_is_told_for_that_one()
    {
        string long255 = new('x', 255), csv = NewPath(), markdown = NewPath(), honest = Submission("honest"), nested = Submission("nested"), pipe = Submission("pipe");
        Directory.Move(Submission("long"), Path.Combine(Folder, long255));
        const string Script = "for (1..3000) { mkdir 'x' or die $!; chdir 'x' or die $!; }";
        (await Run(Tool.Find("perl"), ["-e", Script], folder: nested)).Printed("");
        (await Run(Tool.Find("mkfifo"), [Path.Combine(pipe, "Makefile"), Path.Combine(pipe, "shmcon.c"), Path.Combine(pipe, "made.o")])).Printed("");

        try
        {
            Finished run = await Grade(
                "--rubric", RubricFor("shmproducer"), "--csv", csv, "--markdown", markdown, Path.Combine(Folder, long255), nested, pipe, honest);

            Assert.Equal((1, "alg8-tools: nested could not be graded: its folders are nested more than 64 deep\n"), (run.Status, run.Error));
            Assert.Equal([$"{long255},9,9", "nested,0,9", "pipe,9,9", "honest,9,9"], File.ReadLines(csv).Skip(1).Select(line => string.Join(',', line.Split(',')[..3])));
            Assert.Equal(4, Directory.GetFiles(markdown, "*.md").Length);
        }
        finally
        {
            await Run("/bin/rm", ["-r", nested]); // .NET would go down into it by calls
        }
    }

    [Fact(Timeout = LongLimit)]
    public async Task No_name_of_a_submissions_has_a_terminal_or_a_page_obey()
    {
        const string Name = "a\u001b[2Jb\u202ec\rd\u009b\u2066e";
        string csv = NewPath(), markdown = NewPath(), json = NewPath(), submission = await Faulty(Name, "compile-error");
        string folder = Directory.CreateDirectory(Path.Combine(submission, Name)).FullName;
        File.Move(Path.Combine(submission, "alg.8-2-shmread.c"), Path.Combine(folder, "alg.8-2-shmread.c"));
        File.WriteAllText(Path.Combine(submission, $"{Name}.c"), "");

        Finished one = await Grade("--rubric", RubricFor("shmread"), "--csv", csv, "--markdown", markdown, submission);
        Finished many = await Grade("--rubric", RubricFor("shmread"), "--json", json, submission, NewPath());

        string[] texts =
        [
            Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(one.Output)), Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(many.Output)),
            many.Error, File.ReadAllText(csv), File.ReadAllText(markdown), .. Directory.GetFiles(json),
        ];
        Assert.Contains("a\u00b7[2Jb\u00b7c\u00b7d\u00b7\u00b7e", texts[0]);
        Assert.All(texts, text => Assert.DoesNotContain(text, c => c is not '\n' && (char.IsControl(c) || c is '\u202e' or '\u2066')));
    }
}
