using System.CommandLine;
using System.Runtime.CompilerServices;
using static Algorithms.Console.Stdio;
using static Algorithms.LibC;
using static Algorithms.ShmData;

namespace Algorithms;

/// <summary>The command <c>header</c>: algorithm 8-0 as a C header, with the sizes and offsets that the library has.</summary>
internal static class Header
{
    public static Command Command()
    {
        Command command = new("header", "Print what 8-0 holds, as a C header: constants, sizes, offsets");
        command.SetAction(_ => Print());
        return command;
    }

    private static int Print()
    {
        shared_struct shared = default;
        int size = Unsafe.SizeOf<shared_struct>();
        nint written = Offset(ref shared, ref Unsafe.As<int, byte>(ref shared.written));
        nint mtext = Offset(ref shared, ref Unsafe.As<message_text, byte>(ref shared.mtext));

        printf($$"""
            /* Algorithm 8-0: shmdata.h. The values are those of the C# library; a C compiler reads them too. */
            #include <stdio.h>
            #include <stdlib.h>
            #include <sys/shm.h>
            #include <sys/stat.h>

            #define TEXT_SIZE {{TEXT_SIZE}}             /* 4*1024: size of each message, its NUL included */
            #define TEXT_NUM  {{TEXT_NUM}}                /* maximal number of messages */

            /* {{Octal(PERM)}} = {{Octal(S_IRUSR)}} | {{Octal(S_IWUSR)}} | {{Octal(IPC_CREAT)}} */
            #define PERM      (S_IRUSR|S_IWUSR|IPC_CREAT)

            #define ERR_EXIT(m) do { perror(m); exit(EXIT_FAILURE); } while(0)

            struct shared_struct {             /* {{size}} bytes */
                int written;                   /* offset {{written}}, {{sizeof(int)}} bytes. 0: buffer writable; others: readable */
                char mtext[TEXT_SIZE];         /* offset {{mtext}}, {{Unsafe.SizeOf<message_text>()}} bytes: buffer for message reading and writing */
            };

            /* The programs use with it:
               {{TEXT_NUM * size}}    size of a segment (shmget) and of an object (/dev/shm): TEXT_NUM * {{size}}
               0x{{PROJ_ID:x}}    project id: the second argument of ftok, and the first two digits of each key
               {{Octal(MODE_0666)}}    mode of segments and objects: everybody reads and writes
               {{Octal(MODE_0644)}}    mode of the file that 8-1 creates for ftok */

            """);
        return EXIT_SUCCESS;
    }

    private static nint Offset(ref shared_struct shared, ref byte field) =>
        Unsafe.ByteOffset(ref Unsafe.As<shared_struct, byte>(ref shared), ref field);

    private static string Octal(int value) => "0" + Convert.ToString(value, 8);
}
