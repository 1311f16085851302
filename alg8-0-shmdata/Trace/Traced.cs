using System.CommandLine;
using Algorithms.Options;

namespace Algorithms.Trace;

/// <summary>
/// A program of the lecture, which can be traced: the options --trace, --step and --lang, which every program has and every
/// controller hands on.
/// </summary>
public static class Traced
{
    private static readonly Option<bool> _trace = new("--trace")
    {
        Description = "Show each call of the lecture on standard error, as strace does, with its result and its slide",
    };

    private static readonly Option<bool> _step = new("--step")
    {
        Description = "Stop before each such call and tell what it will do: Enter goes on, c runs on, q leaves",
    };

    private static readonly Option<string?> _lang = new("--lang")
    {
        HelpName = string.Join('|', Sentences.Languages),
        Description = "The language of --step (default: that of the environment, where it is one of these, or en)",
        CustomParser = result => result.Tokens[0].Value is var lang && Sentences.Languages.Contains(lang)
            ? lang
            : CommandLine.Refuse<string?>(result, $"--lang '{lang}': not one of {string.Join(", ", Sentences.Languages)}"),
    };

    /// <inheritdoc cref="Host.Invoke"/>
    public static int Invoke(string name, Command root, string[] args)
    {
        foreach (Option option in (Option[])[_trace, _step, _lang])
            root.Options.Add(option);
        return Host.Invoke(name, root, args, Start);
    }

    private static void Start(ParseResult options)
    {
        bool traces = options.GetValue(_trace), steps = options.GetValue(_step);
        if (!traces && !steps)
            return;

        string? lang = options.GetValue(_lang);
        string[] given = [.. traces ? (string[])[_trace.Name] : [], .. lang is null ? (string[])[] : [_lang.Name, lang]];
        Sentences sentences = Sentences.In(lang ?? Sentences.LanguageOfEnvironment());
        if (steps)
            Step.Start(sentences);
        Observer.Current = new Tracer(sentences, traces, given);
    }
}
