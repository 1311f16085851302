using System.CommandLine;

namespace Algorithms;

/// <summary>The options --trace, --step and --lang, which every program has and every controller hands on.</summary>
internal static class TraceOptions
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

    private static string[] _given = [];

    /// <summary>The arguments for a child: those that this program was given, less --step once nobody steps any more.</summary>
    public static string[] ForChildren => [.. _given, .. Step.IsOn ? (string[])[_step.Name] : []];

    /// <summary>Let a command have them.</summary>
    public static void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_trace, _step, _lang])
            command.Options.Add(option);
    }

    /// <summary>Begin to trace, if the command line asks for it.</summary>
    /// <exception cref="ErrExit">There is no terminal to step at.</exception>
    public static void Start(ParseResult options)
    {
        if (options.Action != options.CommandResult.Command.Action)
            return; // --help, --version

        bool traces = options.GetValue(_trace), steps = options.GetValue(_step);
        if (!traces && !steps)
            return;

        string? lang = options.GetValue(_lang);
        _given =
        [
            .. traces ? (string[])[_trace.Name] : [],
            .. lang is null ? (string[])[] : [_lang.Name, lang],
        ];
        Sentences sentences = Sentences.In(lang ?? Sentences.LanguageOfEnvironment());
        if (steps)
            Step.Start(sentences);
        TracedCall.Tracer = new Trace(sentences, traces);
    }
}
