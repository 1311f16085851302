using System.Text;
using System.Text.Json.Nodes;
using Algorithms.Tests.Harness;
using Mono.Unix.Native;

namespace Algorithms.Tests.Grade;

/// <summary>What grade reports, to whom, and what it says when it cannot grade.</summary>
public sealed class GradeReportTests : GradeTest
{
    [Fact(Timeout = LongLimit)]
    public async Task A_failed_check_shows_what_was_expected_what_came_and_how_to_see_it_again()
    {
        string markdown = NewPath(), json = NewPath();
        Finished run = await Grade("--rubric", RubricFor("shmconsumer"), "--markdown", markdown, "--json", json, await Faulty("student", "prints-to-stderr"));

        const string Verdict = """
            looked at: what shmconsumer prints
            expected: consumed message: Hello World!
            came:     (nothing)
            first difference: line 1 is missing: 'consumed message: Hello World!'
            note: on shmconsumer's standard error: consumed message: Hello World!
            see it again: printf %s 'Hello World!' >/dev/shm/myshm; truncate -s 4100 /dev/shm/myshm; ./alg.8-6-shmconsumer.o myshm; rm /dev/shm/myshm
            """;
        Assert.Contains("FAILED    0/3  shmconsumer: prints the message in the object of its name\n", run.Output);
        Assert.All(Verdict.Split('\n'), line => Assert.Contains($"               {line}\n", run.Output));
        Assert.EndsWith("\n3 of 10 points\n", run.Output);
        Assert.Contains($"\n### shmconsumer: prints the message in the object of its name (0 of 3)\n\n```text\n{Verdict}\n```\n", File.ReadAllText(markdown));
        Assert.Contains("# Lab 8: shared memory: student\n\n**3 of 10 points**\n", File.ReadAllText(markdown));
        JsonNode test = JsonNode.Parse(File.ReadAllText(json))!["tests"]!.AsArray()
            .Single(test => (string)test!["name"]! == "shmconsumer: prints the message in the object of its name")!;
        Assert.Equal(Verdict, (string)test["output"]!);
    }

    [Fact(Timeout = LongLimit)]
    public async Task A_compiler_error_is_shown_once_and_shortened()
    {
        string submission = await Faulty("student", "compile-error");

        Finished run = await Grade("--rubric", RubricFor("shmread"), submission);

        Assert.Matches(@"alg\.8-2-shmread\.c could not be built:\n +alg\.8-2-shmread\.c:\d+:\d+: error: expected ", run.Output);
        Assert.Single(run.Output.Split('\n'), line => line.Contains(": error: "));
        Assert.Contains("               see it again: gcc -o alg.8-2-shmread.o alg.8-2-shmread.c -lrt\n", run.Output);
        Assert.EndsWith("\n0 of 17 points\n", run.Output);
    }

    [Fact(Timeout = LongLimit)]
    public async Task The_compilers_command_works_as_it_stands_for_sources_in_sub_folders()
    {
        string submission = await Faulty("student", "compile-error");
        foreach (string source in Directory.GetFiles(submission))
        {
            string folder = Directory.CreateDirectory(Path.Combine(submission, source.EndsWith(".h", StringComparison.Ordinal) ? "include" : "lab 8")).FullName;
            File.Move(source, Path.Combine(folder, Path.GetFileName(source)));
        }

        Finished run = await Grade("--rubric", RubricFor("shmread"), submission);

        Assert.Contains("The commands below are for the submission's folder, with its programs built there.\n", run.Output);
        const string Command = "gcc -o alg.8-2-shmread.o 'lab 8/alg.8-2-shmread.c' -lrt -Iinclude";
        Assert.Equal([Command], Commands(run));
        Finished gcc = await Run("bash", ["-c", Command], folder: submission);
        Assert.Contains("error: expected ", gcc.Error);
        Assert.DoesNotContain("No such file", gcc.Error);
    }

    [Fact(Timeout = LongLimit)]
    public async Task A_controllers_command_shows_the_fault_with_the_suites_children_and_harms_nothing()
    {
        string submission = await Faulty("student", "waits-for-one-child");
        foreach (string source in Directory.GetFiles(submission, "alg.8-?-shm*.c"))
        {
            if (!source.Contains("queue", StringComparison.Ordinal))
            {
                (await Run("gcc", ["-o", Path.ChangeExtension(source, "o"), source, "-lrt"])).Printed("");
            }
        }

        byte[] reader = File.ReadAllBytes(Path.Combine(submission, "alg.8-2-shmread.o"));
        string pathname = NewPath();

        Finished run = await Grade("--rubric", RubricFor("shmcon"), submission);

        string command = Commands(run).First();
        Assert.Contains("ln -sf \"$ALG8\"/bin/alg8-3-shmwrite alg.8-3-shmwrite.o", command);
        RunningProgram again = Start(
            "bash", ["-c", command.Replace("/tmp/myshm", pathname)], folder: submission, variables: [("ALG8", Repository.Root), ("TMPDIR", Folder)]);
        Finished shown = await again.Ends(patience: TimeSpan.FromMilliseconds(LongLimit));
        Assert.Contains("You wrote: end", shown.Output);
        Assert.Matches(@"\d alg\.8-2-shmread\n", shown.Output); // the child that was not waited for
        Assert.Equal(reader, File.ReadAllBytes(Path.Combine(submission, "alg.8-2-shmread.o")));
    }

    private static IEnumerable<string> Commands(Finished run) =>
        from line in run.Output.Split('\n') where line.Contains("see it again: ") select line.Split("see it again: ")[1];

    [Fact(Timeout = Limit)]
    public async Task A_folder_that_is_not_there_is_an_error()
    {
        string absent = NewPath(), csv = NewPath();

        Finished run = await Run(Repository.RunSh, ["grade", "--csv", csv, absent]);

        Assert.Contains(",0,100,no: there is no such folder,", File.ReadAllText(csv)); // the queue's points are for those that have one
        Assert.Equal((1, "", $"alg8-tools: {Path.GetFileName(absent)} could not be graded: there is no such folder\n"), (run.Status, run.Output, run.Error));
    }

    [Theory(Timeout = Limit)]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", "·=1")]
    [InlineData("\r=1", "·=1")]
    [InlineData("=HYPERLINK(\"x\",1)", "\"'=HYPERLINK(\"\"x\"\",1)\"")]
    [InlineData("a=1", "a=1")]
    public async Task A_name_that_a_spreadsheet_would_take_for_a_formula_is_text_in_the_CSV_file(string name, string cell)
    {
        string csv = NewPath();

        await Run(Alg8.Tools, ["grade", "--csv", csv, Path.Combine(Folder, name)]);

        Assert.Contains($"\n{cell},0,100,no: ", File.ReadAllText(csv));
    }

    [Fact(Timeout = LongLimit)]
    public async Task For_a_class_there_is_a_table_a_CSV_file_and_a_file_for_each_in_Gradescopes_form()
    {
        string json = NewPath(), csv = NewPath(), absent = NewPath();

        Finished run = await Grade(
            "--rubric", RubricFor("shmproducer"), "--json", json, "--csv", csv, "--jobs", "2",
            Submission("right"), await Faulty("wrong, \"quoted\"", "endless-output"), absent);

        Assert.Equal(1, run.Status); // one is not there
        string table = Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(run.Output));
        Assert.Matches(@"│ right +│ +9/9 │ +9/9 │", table);
        Assert.Matches(@"│ wrong, ""quoted"" +│ +5/9 │ +5/9 │", table);
        Assert.Equal($"alg8-tools: {Path.GetFileName(absent)} could not be graded: there is no such folder\n", run.Error);
        string[] lines = File.ReadAllLines(csv);
        Assert.StartsWith("submission,score,max_score,graded,shmproducer: builds,", lines[0]);
        Assert.StartsWith("right,9,9,yes,1,", lines[1]);
        Assert.StartsWith("\"wrong, \"\"quoted\"\"\",5,9,yes,1,", lines[2]);
        Assert.EndsWith(",0,9,no: there is no such folder,,,,,,", lines[3]);

        JsonNode results = JsonNode.Parse(File.ReadAllText(Path.Combine(json, "right.json")))!;
        Assert.Equal(["score", "output", "output_format", "tests"], results.AsObject().Select(pair => pair.Key));
        Assert.Equal(9, (double)results["score"]!);
        Assert.All(results["tests"]!.AsArray(), test => Assert.Equal(
            ["name", "score", "max_score", "status", "output", "output_format", "visibility"], test!.AsObject().Select(pair => pair.Key)));
        Assert.All(results["tests"]!.AsArray(), test => Assert.Equal(("passed", "text", "visible"),
            ((string)test!["status"]!, (string)test["output_format"]!, (string)test["visibility"]!)));
    }

    [Fact(Timeout = LongLimit)]
    public async Task What_a_reader_prints_beyond_a_NUL_is_told_and_makes_no_other_line_illegible()
    {
        Finished run = await Grade("--rubric", RubricFor("shmread"), await Faulty("student", "prints-beyond-the-nul"));

        string output = Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(run.Output));
        Assert.Contains("came:     You wrote: end [a NUL, and 4091 characters more]\n", output);
        Assert.Contains("first difference: line 1: expected 'You wrote: end' and nothing behind it, came behind it ' [a NUL, and 4091 characters more]'\n", output);
        Assert.Matches(@" You wrote: 共享内存 é 😀 \[a NUL, and \d+ characters more\]\n", output);
    }

    [Fact(Timeout = LongLimit)]
    public async Task Sources_that_are_used_for_no_program_are_named_and_how_the_queues_should_be()
    {
        string submission = Submission("student");
        foreach (string source in Directory.GetFiles(submission, "*-queue.c"))
        {
            File.Delete(source);
        }

        File.WriteAllText(Path.Combine(submission, "part.c"), "");
        File.AppendAllText(Path.Combine(submission, "alg.8-6-shmconsumer.c"), "#include \"part.c\"\n");
        File.WriteAllText(Path.Combine(submission, "mine.c"), "");

        Finished run = await Grade("--rubric", RubricFor("shmconsumer"), submission);

        Assert.Contains(
            "used for no program: mine.c; the circular queue's files should be called alg.8-1-shmcon-queue.c, alg.8-2-shmread-queue.c, alg.8-3-shmwrite-queue.c\n",
            run.Output);
        Assert.EndsWith("\n10 of 10 points\n", run.Output);
    }

    [Fact(Timeout = LongLimit)]
    public async Task A_queue_in_the_place_of_the_single_slot_is_told_how_it_should_be_called()
    {
        string submission = Submission("student");
        foreach (string source in Directory.GetFiles(submission, "*-queue.c"))
        {
            File.Move(source, source.Replace("-queue.c", ".c", StringComparison.Ordinal), overwrite: true);
        }

        Finished run = await Grade("--rubric", RubricFor("shmcon", "shmread", "shmwrite"), submission);

        Assert.Contains("If these are the programs of the circular queue: they should be called alg.8-1-shmcon-queue.c, alg.8-2-", run.Output);
    }

    [Theory(Timeout = LongLimit)]
    [InlineData(Signum.SIGINT, 130)]
    [InlineData(Signum.SIGTERM, 143)]
    public async Task A_signal_ends_it_and_what_is_known_by_then_is_written(Signum signal, int status)
    {
        await NeedIsolation();
        string json = NewPath(), csv = NewPath();
        string[] submissions =
            await Task.WhenAll(Enumerable.Range(1, 4).Select(i => Faulty($"student{i}", "never-ends")));
        RunningProgram run = Start(
            Path.Combine(Repository.Bin, "alg8-tools"), ["grade", "--json", json, "--csv", csv, "--jobs", "1", "--rubric", RubricFor("shmproducer", "shmconsumer"), .. submissions]);
        string first = Path.Combine(json, "student1.json");
        await Wait.Until(() => File.Exists(first), () => "the first results", TimeSpan.FromMilliseconds(Limit));

        Syscall.kill(run.Id, signal);
        Finished finished = await run.IsGone();

        Assert.Equal((status, ""), (finished.Status, finished.Error));
        Assert.Equal(4, Directory.EnumerateFiles(json).Count());
        Assert.All(Scores(Path.Combine(json, "student4.json")).Values, check => Assert.Equal(0, check.Score));
        Assert.Contains("grade was stopped before its end", File.ReadAllText(Path.Combine(json, "student4.json")));
        Assert.Contains("\nstudent1,", File.ReadAllText(csv));
        Assert.Contains("\nstudent4,0,", File.ReadAllText(csv));
    }

    [Fact(Timeout = Limit)]
    public async Task A_folder_without_programs_says_how_they_should_be_called()
    {
        string empty = Directory.CreateDirectory(NewPath()).FullName;

        Finished run = await Grade(empty);

        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Contains("its files should be called alg.8-1-shmcon.c, alg.8-2-shmread.c, alg.8-3-shmwrite.c ...", run.Output);
        Assert.EndsWith("\n0 of 100 points\n", run.Output);
    }

    [Theory(Timeout = Limit)]
    [InlineData("""{ "title": "x", "programs": [], "checks": [] }""", "there are no checks")]
    [InlineData("""{ "title": "x" }""", "programs", "checks")]
    [InlineData("{\n\"title\": oops }", "line 2: ")]
    [InlineData("""{ "title": "x", "programs": [{ "role": "shmcat", "names": ["a"] }], "checks": [] }""", "role 'shmcat': not one of shmcon, ")]
    [InlineData("""{ "title": "x", "programs": [{ "role": "shmread", "names": ["a"] }], "checks": [{ "name": "a", "kind": "build", "program": "shmwrite" }] }""",
        "check 'a': program 'shmwrite': not one of the rubric's programs")]
    [InlineData("""{ "title": "x", "programs": [{ "role": "shmread", "names": ["a"] }], "checks": [{ "name": "a", "kind": "reader", "program": "shmread", "expect": ["miracles"] }] }""",
        "check 'a': expect 'miracles': not one of opening, text, ")]
    [InlineData("""{ "title": "x", "programs": [{ "role": "shmread", "names": ["a"] }], "checks": [{ "name": "a", "kind": "build", "program": "shmread", "points": -1 }] }""",
        "check 'a': points -1: ")]
    [InlineData("""{ "title": "x", "limits": { "seconds": 0 }, "programs": [], "checks": [{ "name": "a", "kind": "build", "program": "shmread" }] }""",
        "limits: seconds 0: not a whole number from 1 to 600")]
    [InlineData("""{ "title": "x", "compile": "gcc -o {output}", "programs": [], "checks": [] }""", "compile 'gcc -o {output}': {output} and {source} must stand in it")]
    [InlineData("""{ "title": "x", "programs": [{ "role": "shmread", "names": "a" }], "checks": [] }""", "programs[0].names: a list [...] is expected here")]
    [InlineData("""{ "title": 8, "programs": [], "checks": [] }""", "title: a text \"...\" is expected here")]
    [InlineData("""{ "title": "x", "limits": { "seconds": "10" }, "programs": [], "checks": [] }""", "limits.seconds: a number is expected here")]
    [InlineData("""{ "title": "x", "compile": null, "programs": [], "checks": [] }""", "null is no value of a field")]
    [InlineData("""{ "title": "x", "programs": [{ "role": "shmread", "names": [null] }], "checks": [] }""", "null is no value of a field")]
    [InlineData("""{ "title": "x", "programs": [{ "role": "shmread", "names": ["a"] }], "checks": [{ "name": "a", "kind": "reader", "program": "shmread", "expect": ["text"], "lines": [null] }] }""",
        "null is no value of a field")]
    [InlineData("""{ "title": "x", "point": 1, "programs": [], "checks": [] }""", "'point' is no field of a rubric here")]
    public async Task A_rubric_that_is_wrong_is_refused_before_anything_is_graded(string rubric, params string[] says)
    {
        string path = NewPath();
        File.WriteAllText(path, rubric);

        Finished run = await Run(Repository.RunSh, ["grade", "--rubric", path, Submission("student")]);

        run.FailedAtOnce([path, "hint: docs/grading.md", .. says]);
    }

    [Theory(Timeout = Limit)]
    [InlineData("SUBMISSION")]
    [InlineData("--rubric '/nowhere'", "--rubric", "/nowhere", ".")]
    [InlineData("--jobs '0': not a whole number from 1 to 256", "--jobs", "0", ".")]
    [InlineData("--csv '/proc/none/x.csv': ", "--csv", "/proc/none/x.csv", ".")]
    [InlineData("--json '/nowhere/x.json': there is no folder /nowhere", "--json", "/nowhere/x.json", ".")]
    [InlineData("--markdown '/nowhere/of/all': there is no folder /nowhere/of", "--markdown", "/nowhere/of/all", "/usr", "/etc")]
    [InlineData("--json '/etc/passwd': ", "--json", "/etc/passwd", "/usr", "/etc")]
    public async Task Wrong_arguments_are_clear_errors(string says, params string[] arguments) =>
        (await Run(Repository.RunSh, ["grade", .. arguments])).FailedAtOnce(says);
}
