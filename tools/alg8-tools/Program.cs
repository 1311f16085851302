// alg8-tools: what goes beyond the lecture's programs.
// Usage:   alg8-tools COMMAND [options]
// Commands: header (8-0 in figures), limits (ipcs -l explained), clean (what killed runs left behind),
//           watch (a live view of a segment or an object),
//           stress (sessions, kills, random arguments),
//           grade (lab submissions),
//           bench and ipc (beside the C twins)

using System.CommandLine;
using Algorithms;
using Algorithms.Options;

LiveScreen.LeaveKeypadAlone();
Command root = new("alg8-tools", "Tools beside the lecture's shared-memory programs")
{
    Header.Command(),
    Limits.Command(),
    Clean.Command(),
    Watch.Command(),
    Stress.Command(),
    Grade.Command(),
    Inside.Command(),
    Bench.Command(),
    Ipc.Command(),
};
return Host.Invoke("alg8-tools", root, args);
