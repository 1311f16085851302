/* shmpthreadcon FILENAME PRODUCER CONSUMER: the POSIX controller, with any two executables as its children. */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "shmdata.h"

static void start(const char *file, char *name)
{
    char *arguments[] = { " ", name, NULL };
    pid_t child = fork();
    if (child == -1)
        fail("shmpthreadcon: fork()");
    if (child == 0) {
        execv(file, arguments);
        perror(file);
        _exit(127);
    }
}

int main(int argc, char *argv[])
{
    if (argc < 4) {
        printf("Usage: shmpthreadcon filename producer consumer\n");
        return EXIT_FAILURE;
    }
    int fd = shm_open(argv[1], O_CREAT | O_RDWR, 0666);
    if (fd == -1)
        fail("con: shm_open()");
    if (system("ls -l /dev/shm/") == -1)
        fail("con: system()");
    if (ftruncate(fd, TEXT_NUM * sizeof(struct shared_struct)) == -1)
        fail("con: ftruncate()");

    start(argv[2], argv[1]);
    start(argv[3], argv[1]);
    while (wait(NULL) > 0)
        ;

    if (shm_unlink(argv[1]) == -1)
        fail("con: shm_unlink()");
    if (system("ls -l /dev/shm/") == -1)
        fail("con: system()");
    return EXIT_SUCCESS;
}
