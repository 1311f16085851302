using Algorithms.Session;
using Algorithms.Tests.Harness;

namespace Algorithms.Tests.Grade;

/// <summary>`run.sh grade` judges what was handed in, in its own folder and under its own names, and by no stroke of luck.</summary>
public sealed class GradeFairnessTests : GradeTest
{
    private const string Reader = "alg.8-2-shmread.c", Controller = "alg.8-1-shmcon.c", Consumer = "alg.8-6-shmconsumer.c";

    [Theory(Timeout = LongLimit)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_source_is_built_whatever_executable_lies_beside_it(bool withMakefile)
    {
        string folder = Submission("stale");
        foreach (string name in (string[])["alg.8-2-shmread.o", "shmread"])
        {
            File.Copy("/bin/false", Path.Combine(folder, name));
        }

        if (withMakefile)
        {
            File.WriteAllText(Path.Combine(folder, "Makefile"), $"shmread: {Reader}\n\tgcc -o shmread {Reader}\n");
        }

        Assert.Empty(await LostBy(folder, "shmread"));
    }

    [Fact(Timeout = LongLimit)]
    public async Task Children_in_a_folder_below_are_found_as_the_controller_names_them()
    {
        string folder = Submission("below");
        Edit(folder, Controller, "alg.8-2-shmread.o", "bin/shmread", "alg.8-3-shmwrite.o", "bin/shmwrite");
        File.WriteAllText(Path.Combine(folder, "Makefile"), """
            all:
            	mkdir -p bin
            	for name in shmcon shmread shmwrite; do gcc -o bin/$$name alg.8-?-$$name.c || exit; done

            """);

        Assert.Empty(await LostBy(folder, "shmcon"));
    }

    [Fact(Timeout = LongLimit)]
    public async Task Children_are_found_by_names_without_a_dot_too()
    {
        string folder = Submission("bare");
        Edit(folder, Controller, "./alg.8-2-shmread.o", "reader", "./alg.8-3-shmwrite.o", "writer");
        File.WriteAllText(Path.Combine(folder, "Makefile"), $"""
            all:
            	gcc -o con {Controller}
            	gcc -o reader {Reader}
            	gcc -o writer alg.8-3-shmwrite.c

            """);

        Assert.Empty(await LostBy(folder, "shmcon"));
    }

    [Fact(Timeout = LongLimit)]
    public async Task A_reader_that_takes_the_first_segment_that_there_is_does_not_pass_by_luck()
    {
        string folder = Submission("lucky");
        Edit(folder, Reader, "int shmid = shmget(", "int shmid = 0; shmget(");

        Assert.Contains("shmread: attaches the segment of its key, and says so", await LostBy(folder, "shmread"));
    }

    [Fact(Timeout = LongLimit)]
    public async Task A_child_that_is_started_by_a_name_that_no_program_has_is_told()
    {
        string folder = Submission("misspelt");
        Edit(folder, Controller, "./alg.8-2-shmread.o", "./alg.8-2-shmreader.o", "./alg.8-3-shmwrite.o", "./alg.8-3-shmwirte.o");

        Finished run = await Grade("--rubric", RubricFor("shmcon"), folder);

        Assert.Contains("note: ./alg.8-3-shmwirte.o stands in it, but there is no such file\n", run.Output);
        Edit(folder, Controller, "shmwirte", "shmwrite");
        Finished again = await Grade("--rubric", RubricFor("shmcon"), folder);
        Assert.Contains("known fault, which costs nothing: it starts ./alg.8-2-shmreader.o, but no program of the submission is called so\n", again.Output);
        Assert.DoesNotContain("shmwrite.o, but", again.Output);
    }

    [Fact(Timeout = LongLimit)]
    public async Task A_consumer_that_is_always_too_early_costs_nothing_where_the_rubric_allows_it()
    {
        string folder = Submission("early");
        Edit(folder, Consumer, "while (shared[0] == '\\0')", "while (0)");
        string producer = Path.Combine(folder, "alg.8-5-shmproducer.c"); // never at work before the consumer has looked
        File.WriteAllText(producer, File.ReadAllText(producer).Replace("{\n    if (argc", "{\n    sleep(1);\n    if (argc"));

        Assert.DoesNotContain("shmpthreadcon, shmproducer, shmconsumer: work together", await LostBy(folder, "shmpthreadcon", "shmproducer", "shmconsumer"));
    }

    // The names of the checks that it loses.
    private async Task<IEnumerable<string>> LostBy(string folder, params string[] programs)
    {
        string json = NewPath();

        Finished run = await Grade(["--rubric", RubricFor(programs), "--json", json, folder]);

        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.NotEmpty(Scores(json));
        return Lost(json);
    }
}
