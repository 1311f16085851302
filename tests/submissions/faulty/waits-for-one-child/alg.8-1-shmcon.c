#include "alg.8-0-shmdata.h"

static void show(int shmid)
{
    char command[80];
    sprintf(command, "ipcs -m | grep '%d'", shmid);
    printf("\n----- Shared Memory Segments -----\n");
    fflush(stdout);
    if (system(command) == -1)
        ERR_EXIT("shmcon: system()");
}

static void start(char *program, char *key)
{
    char *arguments[] = { " ", key, NULL };
    pid_t child = vfork();
    if (child == -1)
        ERR_EXIT("shmcon: vfork()");
    if (child == 0) {
        execv(program, arguments);
        _exit(127);
    }
}

int main(int argc, char *argv[])
{
    printf("max record number = %d, shm size = %d\n", TEXT_NUM, (int)SIZE);
    if (argc < 2) {
        printf("Usage: ./a.out pathname\n");
        return EXIT_FAILURE;
    }
    if (access(argv[1], F_OK) == -1 && creat(argv[1], 0644) == -1)
        ERR_EXIT("creat()");

    key_t key = ftok(argv[1], 0x27);
    if (key == -1)
        ERR_EXIT("shmcon: ftok()");
    printf("key generated: IPC key = %x\n", key);
    int shmid = shmget(key, SIZE, 0666 | PERM);
    if (shmid == -1)
        ERR_EXIT("shmcon: shmget()");
    printf("shmcon: shmid = %d\n", shmid);
    struct shared_struct *shared = shmat(shmid, 0, 0);
    if (shared == (void *)-1)
        ERR_EXIT("shmcon: shmat()");
    printf("shmcon: shared Memory attached at %p\n", (void *)shared);
    shared->written = 0;
    show(shmid);
    if (shmdt(shared) == -1)
        ERR_EXIT("shmcon: shmdt()");
    show(shmid);

    char key_str[10];
    sprintf(key_str, "%x", key);
    start("./alg.8-2-shmread.o", key_str);
    start("./alg.8-3-shmwrite.o", key_str);
    wait(NULL);
    if (shmctl(shmid, IPC_RMID, 0) == -1)
        ERR_EXIT("shmcon: shmctl(IPC_RMID)");
    printf("shmcon: shmid = %d removed\n", shmid);
    show(shmid);
    printf("nothing found ...\n");
    return EXIT_SUCCESS;
}
