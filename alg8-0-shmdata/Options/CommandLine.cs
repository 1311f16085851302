using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text;
using Algorithms.Linux;
using Algorithms.Session;

namespace Algorithms.Options;

/// <summary>The arguments and options that several programs share, and the rules of all command lines.</summary>
public static class CommandLine
{
    private const string MessageName = "MESSAGE";

    // To the parser, [words] before all others are its directives, whatever the command is. This option ends them.
    private static readonly Option<bool> _endOfDirectives = new("--end-of-directives") { Hidden = true };

    /// <summary>The key that a reader or a writer is given: 1 to 8 hexadecimal digits, with or without 0x.</summary>
    public static Argument<int> Key() => new("KEY")
    {
        Description = "The segment's key as the controller prints it: 1 to 8 hexadecimal digits, with or without 0x",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (!TryParseKey(text, out int key))
                return Refuse<int>(result, $"KEY '{text}': not 1 to 8 hexadecimal digits; give the key as the controller prints it, 27011c6c say");
            if (key == LibC.IPC_PRIVATE)
                return Refuse<int>(result, $"KEY '{text}': 0 is IPC_PRIVATE, a segment that no other process can find; give the key as the controller prints it");
            return key;
        },
    };

    /// <summary>Read a key of 1 to 8 hexadecimal digits, with or without 0x.</summary>
    public static bool TryParseKey(string text, out int key)
    {
        string digits = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;
        bool isKey = uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint bits);
        key = (int)bits;
        return isKey && digits.Length <= 8; // leading zeros are no digits to uint
    }

    /// <summary>
    /// The name of a POSIX shared-memory object, by the rules of shm_open(3): as it was given; only one that begins with a
    /// dash gets the slash that every name may have, so that no program to which it is handed takes it for an option.
    /// </summary>
    public static Argument<string> ObjectName() => new("FILENAME")
    {
        Description = "The object's name: /dev/shm/FILENAME",
        CustomParser = result =>
        {
            const int NAME_MAX = 255;

            string text = result.Tokens[0].Value;
            string name = text.StartsWith('/') ? text[1..] : text;
            return name switch
            {
                "" or "." or ".." => Refuse<string>(result, $"FILENAME '{text}': not a name for a file in /dev/shm; give a name such as myshm"),
                _ when name.Contains('/') =>
                    Refuse<string>(result, $"FILENAME '{text}': a slash inside the name; /dev/shm has no folders for it: give a name such as myshm"),
                _ when Encoding.UTF8.GetByteCount(name) is var bytes and > NAME_MAX =>
                    Refuse<string>(result, $"FILENAME '{text}': {bytes} bytes; give at most {NAME_MAX}"),
                _ => text.StartsWith('-') ? $"/{text}" : text,
            };
        },
    };

    /// <summary>The producer's message, of 1 to <paramref name="most"/> bytes.</summary>
    public static Argument<string> Message(string value, int most) => new(MessageName)
    {
        Description = "The text to produce",
        DefaultValueFactory = _ => value,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            return BytesOf(text).Length switch
            {
                0 => Refuse<string>(result, "MESSAGE '': empty; a consumer could not tell it from no message"),
                var bytes when bytes > most => Refuse<string>(result, $"MESSAGE of {bytes} bytes: give at most {most}, which fit into the object with their NUL"),
                _ => text,
            };
        },
    };

    /// <summary>The option --proj-id, ftok's second argument: of 16 bits, the low 8 are used, and must not be 0.</summary>
    public static Option<int?> ProjId() => new("--proj-id")
    {
        HelpName = "0x27",
        Description = "ftok's project id, 0x0001 to 0xffff, of which the low 8 bits are used (default: 0x27, as on the slide)",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            return (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
                    ? int.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int id)
                    : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id))
                && id is > 0 and <= 0xffff && (id & 0xff) != 0
                ? id
                : Refuse<int?>(result, $"--proj-id '{text}': not a number from 0x0001 to 0xffff whose low 8 bits are not all 0");
        },
    };

    /// <summary>The option --mode, who may use the memory: the slide's 0666, or less.</summary>
    public static Option<int?> Mode() => new("--mode")
    {
        HelpName = "0600",
        Description = "Who may use the memory, in octal: 0666 or less, 0600 or more (default: 0666, as on the slide)",
        CustomParser = result =>
        {
            const int Least = ShmData.S_IRUSR | ShmData.S_IWUSR; // without these its owner's own programs could not use it

            string text = result.Tokens[0].Value;
            int mode = text.Length is >= 3 and <= 4 && text.All(digit => digit is >= '0' and <= '7') ? Convert.ToInt32(text, 8) : 0;
            return (mode & Least) == Least && (mode & ~ShmData.MODE_0666) == 0
                ? mode
                : Refuse<int?>(result, $"--mode '{text}': not an octal mode from 0600 to 0666 without x bits");
        },
    };

    /// <summary>An option with a whole number in a range.</summary>
    /// <param name="name">Its name: <c>--interval</c>.</param>
    /// <param name="unit">What the number counts: <c>MILLISECONDS</c>.</param>
    /// <param name="description">What it is for.</param>
    /// <param name="value">What it is where it is not given.</param>
    /// <param name="least">The least value allowed.</param>
    /// <param name="most">The greatest value allowed.</param>
    public static Option<int> Number(string name, string unit, string description, int value, int least, int most) => new(name)
    {
        HelpName = unit,
        Description = description,
        DefaultValueFactory = _ => value,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
                ? number
                : Refuse<int>(result, $"{name} '{text}': not a whole number from {least} to {most}");
        },
    };

    /// <summary>An option with a whole number of 63 bits.</summary>
    /// <param name="name">Its name: <c>--items</c>.</param>
    /// <param name="unit">What stands for the number in the help.</param>
    /// <param name="description">What it is for.</param>
    /// <param name="least">The least value allowed.</param>
    public static Option<long?> LongNumber(string name, string unit, string description, long least) => new(name)
    {
        HelpName = unit,
        Description = description,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= least
                ? number
                : Refuse<long?>(result, $"{name} '{text}': not a whole number from {least} to {long.MaxValue}");
        },
    };

    /// <summary>An option that slows a side down after each message, so that a class can watch the queue fill.</summary>
    public static Option<int> Delay(string name) =>
        Number(name, "MILLISECONDS", "How long to rest after each message", value: 0, least: 0, most: 3_600_000);

    /// <summary>The arguments for a child of an option that has a value other than 0.</summary>
    public static string[] IfGiven(string name, int? value) => value is null or 0 ? [] : [name, $"{value}"];

    /// <summary>An option that puts another program in the place of a child.</summary>
    /// <param name="name">Its name: <c>--reader</c>.</param>
    /// <param name="sibling">The program of the suite that it replaces.</param>
    public static Option<string> Child(string name, string sibling) => new(name)
    {
        HelpName = "FILE",
        Description = $"The executable to start instead of {sibling}: a C program, or your own",
        DefaultValueFactory = _ => Suite.Sibling(sibling),
    };

    /// <summary>Refuse an option that has an effect only together with one of some others.</summary>
    public static void Needs(Command command, Option option, params Option[] others) => command.Validators.Add(result =>
    {
        if (result.GetResult(option) is { Implicit: false } && !others.Any(other => result.GetResult(other) is { Implicit: false }))
            result.AddError($"{option.Name}: means something only with {string.Join(" or ", others.Select(other => other.Name))}");
    });

    /// <summary>Say what is wrong with a value; the command line is refused.</summary>
    public static T Refuse<T>(SymbolResult result, string message)
    {
        result.AddError(message);
        return default!;
    }

    /// <summary>An argument's bytes as they were given, where decoding them as UTF-8 has lost some.</summary>
    public static byte[] BytesOf(string argument) =>
        argument.Contains('\uFFFD')
            ? Split(ProcFs.ReadBytes("/proc/self/cmdline")).FirstOrDefault(raw => Encoding.UTF8.GetString(raw) == argument) ?? []
            : Encoding.UTF8.GetBytes(argument);

    internal static ParseResult Parse(Command root, string[] args)
    {
        // No RootCommand: it takes its name from argv[0], which the slides leave blank. No @file either, and no /h for
        // help: an argument is what it is. The name is given, for a first argument that equals it would be taken for it.
        root.Options.Add(new HelpOption("--help", "-h"));
        VersionOption version = new("--version");
        version.Validators.Clear(); // it would stand beside no other option
        root.Options.Add(version);
        root.Options.Add(_endOfDirectives);
        foreach (Option<bool> flag in ((Command[])[root, .. root.Subcommands]).SelectMany(command => command.Options).OfType<Option<bool>>())
            flag.Arity = ArgumentArity.Zero; // what stands behind it is an argument, `true` too
        foreach (Argument argument in root.Arguments.Where(argument => argument.Name != MessageName))
            argument.Validators.Add(result => RefuseOtherThanUtf8(result, argument.Name, result.Tokens));
        foreach (Option option in root.Options)
            option.Validators.Add(result => RefuseOtherThanUtf8(result, option.Name, result.Tokens));

        ParserConfiguration configuration = new() { ResponseFileTokenReplacer = null };
        string[] start = [root.Name, _endOfDirectives.Name];
        ParseResult parsed = root.Parse([.. start, .. args], configuration);
        return root.Arguments is [var name, ..] && parsed.GetResult(name) is not { Tokens.Count: > 0 }
            && Environment.GetEnvironmentVariable("ALG8_USUAL_NAME") is { Length: > 0 } usual // run.sh's
                ? root.Parse([.. start, usual, .. args], configuration)
                : parsed;
    }

    /// <summary>What is wrong with a command line, and how it should be; null where nothing is.</summary>
    /// <param name="parsed">What it was parsed to.</param>
    /// <param name="args">The command line.</param>
    internal static string? Explain(ParseResult parsed, string[] args)
    {
        Command command = parsed.CommandResult.Command;
        if (parsed.Errors.Count == 0 && parsed.Action != command.Action)
            return null; // --help, --version

        string root = parsed.RootCommandResult.Command.Name;
        string name = command.Name == root ? root : $"{root} {command.Name}", call = Suite.Call(name);
        List<string> unknown = UnknownOptions(parsed);
        string[] errors = unknown.Count > 0 ? [.. unknown.Select(option => NoSuchOption(option, parsed))]
            : command.Subcommands.Count > 0 && parsed.UnmatchedTokens is [var word, ..] ? [NoSuch("command", word, command.Subcommands)]
            : [.. parsed.Errors.Select(TextOf).Concat(FlagsWithValue(parsed, args)).Distinct()];
        if (errors.Length == 0)
            return null;

        string lines = string.Join('\n', errors.Select(error => $"{name}: {error}"));
        if (Array.TrueForAll(errors, error => error.EndsWith('?')))
            return lines; // the names that may have been meant say enough
        string arguments = string.Concat(command.Arguments.Select(argument =>
            argument.Arity.MinimumNumberOfValues > 0 ? $" {argument.Name}" : $" [{argument.Name}]"));
        return $"{lines}\nUsage: {call}{arguments} [options]\nhint: {call} --help tells more";
    }

    // A mistyped option is no PATHNAME: what begins with a dash is an argument only behind --, or as an option's value.
    private static List<string> UnknownOptions(ParseResult parsed)
    {
        List<string> values =
        [
            .. from option in OptionsOf(parsed)
               where parsed.GetResult(option) is not null
               from token in parsed.GetResult(option)!.Tokens
               select token.Value,
        ];
        return
        [
            .. from token in parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash)
               where token.Type == TokenType.Argument && token.Value is ['-', _, ..] && !values.Remove(token.Value)
               select token.Value,
        ];
    }

    // --trace=all: the parser would hand on the value to whichever argument comes next.
    private static IEnumerable<string> FlagsWithValue(ParseResult parsed, string[] args) =>
        from arg in args.TakeWhile(arg => arg != "--")
        let name = arg.Split('=', ':')[0]
        where name != arg && OptionsOf(parsed).OfType<Option<bool>>().Any(flag => flag.Name == name)
        select $"{arg}: {name} takes no value";

    private static IEnumerable<Option> OptionsOf(ParseResult parsed) =>
        parsed.RootCommandResult.Command.Options.Concat(parsed.CommandResult.Command.Options).Distinct();

    private static string NoSuchOption(string option, ParseResult parsed)
    {
        string said = NoSuch("option", option.Split('=', ':')[0], OptionsOf(parsed));
        Argument? taker = parsed.CommandResult.Command.Arguments.FirstOrDefault(argument =>
            argument.ValueType != typeof(int) && parsed.GetResult(argument) is { } result && result.Tokens.Any(token => token.Value == option));
        return taker is null || said.EndsWith('?') ? said : $"{said}; if it is the {taker.Name}, put it behind all options and --";
    }

    private static string NoSuch(string kind, string typed, IEnumerable<Symbol> known)
    {
        IEnumerable<string> names = known.Where(symbol => !symbol.Hidden).Select(symbol => symbol.Name);
        return $"{typed}: no such {kind}{Spelling.Suggestion(typed, names)}";
    }

    // Of a value without a parser of ours, the library names .NET's type.
    private static string TextOf(ParseError error) =>
        error.SymbolResult is OptionResult { Tokens: [var value, ..] } result && error.Message.Contains("'System.", StringComparison.Ordinal)
            ? $"{result.Option.Name} '{value.Value}': no value for this option"
            : error.Message;

    // A message is bytes; but a name that is not UTF-8 would reach open and exec as another one.
    private static void RefuseOtherThanUtf8(SymbolResult result, string name, IEnumerable<Token> tokens)
    {
        foreach (Token token in tokens)
        {
            if (!BytesOf(token.Value).AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(token.Value)))
                result.AddError($"{name} '{token.Value}': not UTF-8");
        }
    }

    private static IEnumerable<byte[]> Split(byte[] bytes)
    {
        for (int start = 0, end; start < bytes.Length; start = end + 1)
        {
            end = Array.IndexOf(bytes, (byte)0, start);
            if (end < 0)
                end = bytes.Length;
            yield return bytes[start..end];
        }
    }
}
