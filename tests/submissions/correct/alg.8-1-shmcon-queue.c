#include "alg.8-0-queue.h"

static void start(char *program, char *key)
{
    char *arguments[] = { " ", key, NULL };
    if (vfork() == 0) {
        execv(program, arguments);
        _exit(127);
    }
}

int main(int argc, char *argv[])
{
    if (argc < 2) {
        printf("Usage: ./a.out pathname\n");
        return EXIT_FAILURE;
    }
    if (access(argv[1], F_OK) == -1 && creat(argv[1], 0644) == -1)
        ERR_EXIT("creat()");
    key_t key = ftok(argv[1], 0x27);
    int shmid = shmget(key, sizeof(struct queue), 0666 | PERM);
    if (shmid == -1)
        ERR_EXIT("shmcon: shmget()");

    char key_str[10];
    sprintf(key_str, "%x", key);
    start("./alg.8-2-shmread-queue.o", key_str);
    start("./alg.8-3-shmwrite-queue.o", key_str);
    while (wait(NULL) > 0)
        ;
    if (shmctl(shmid, IPC_RMID, 0) == -1)
        ERR_EXIT("shmcon: shmctl(IPC_RMID)");
    printf("shmcon: shmid = %d removed\n", shmid);
    return EXIT_SUCCESS;
}
