#include "alg.8-0-shmdata.h"

static void start(char *program, char *name)
{
    char *arguments[] = { " ", name, NULL };
    pid_t child = fork();
    if (child == -1)
        ERR_EXIT("shmpthreadcon: fork()");
    if (child == 0) {
        execv(program, arguments);
        _exit(127);
    }
}

int main(int argc, char *argv[])
{
    if (argc < 2) {
        printf("Usage: ./a.out filename\n");
        return EXIT_FAILURE;
    }
    int fd = shm_open(argv[1], O_CREAT | O_RDWR, 0666);
    if (fd == -1)
        ERR_EXIT("con: shm_open()");
    if (ftruncate(fd, SIZE) == -1)
        ERR_EXIT("con: ftruncate()");

    start("./alg.8-5-shmproducer.o", argv[1]);
    start("./alg.8-6-shmconsumer.o", "/myshm");
    wait(NULL);
    wait(NULL);
    if (shm_unlink(argv[1]) == -1)
        ERR_EXIT("con: shm_unlink()");
    return EXIT_SUCCESS;
}
