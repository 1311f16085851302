/* writes PROGRAM ARGUMENT...: runs a program and passes its standard output on, with a mark behind each write(2).
   A pipe in packet mode (O_DIRECT) hands over what each write has put in, and no more. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <sys/wait.h>
#include <unistd.h>
#include "shmdata.h"

#define MARK "|"

int main(int argc, char *argv[])
{
    int packets[2];
    if (argc < 2)
        return EXIT_FAILURE;
    if (pipe2(packets, O_DIRECT | O_CLOEXEC) == -1)
        fail("pipe2()");

    pid_t child = fork();
    if (child == -1)
        fail("fork()");
    if (child == 0) {
        dup2(packets[1], STDOUT_FILENO);
        execv(argv[1], argv + 1);
        perror(argv[1]);
        _exit(127);
    }
    close(packets[1]);

    char packet[PIPE_BUF];
    for (ssize_t size; (size = read(packets[0], packet, sizeof packet)) > 0;) {
        fwrite(packet, 1, size, stdout);
        fputs(MARK, stdout);
    }
    int status;
    if (waitpid(child, &status, 0) == -1)
        fail("waitpid()");
    return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}
