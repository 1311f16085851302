using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Mono.Unix.Native;

namespace Algorithms.Tests.Harness;

/// <summary>
/// The signals that the programs under test are to be ended by. A shell's background job begins with SIGINT and SIGQUIT
/// ignored, one of nohup with SIGHUP; every child inherits that, and the programs respect it.
/// </summary>
internal static class Signals
{
    private static readonly Signum[] Interrupting = [Signum.SIGHUP, Signum.SIGINT, Signum.SIGQUIT];
    private static readonly Signum[] Ending = [Signum.SIGHUP, Signum.SIGTERM];
    private static readonly List<PosixSignalRegistration> Kept = [];

    /// <summary>
    /// Lets children be interrupted; this process goes on without taking notice of what it was to ignore. A request to
    /// end, and a terminal that is closed, end it by way of its exit: .NET would not, and what the tests own would
    /// stay.
    /// </summary>
    [ModuleInitializer]
    internal static void LetChildrenBeInterrupted()
    {
        string ignored = File.ReadLines("/proc/self/status").First(
            line => line.StartsWith("SigIgn:", StringComparison.Ordinal))["SigIgn:".Length..].Trim();
        ulong mask = ulong.Parse(ignored, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        foreach (Signum signal in Interrupting.Where(IsIgnored))
        {
            Stdlib.SetSignalAction(signal, SignalAction.Default);
            Kept.Add(PosixSignalRegistration.Create((PosixSignal)signal, context => context.Cancel = true));
        }

        foreach (Signum signal in Ending.Where(signal => !IsIgnored(signal)))
        {
            Kept.Add(PosixSignalRegistration.Create((PosixSignal)signal, _ => Environment.Exit(128 + (int)signal)));
        }

        bool IsIgnored(Signum signal) => ((mask >> ((int)signal - 1)) & 1) != 0;
    }
}
