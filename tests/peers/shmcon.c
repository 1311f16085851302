/* shmcon PATHNAME READER WRITER: the System V controller, with any two executables as its children. */
#include <fcntl.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>
#include "shmdata.h"

static void show_segment(int shmid)
{
    char command[80];
    snprintf(command, sizeof command, "ipcs -m | grep ' %d '", shmid);
    printf("\n----- Shared Memory Segments ----- \n");
    fflush(stdout);
    if (system(command) == -1)
        fail("shmcon: system()");
}

static pid_t start(const char *file, char *key)
{
    char *arguments[] = { " ", key, NULL };
    pid_t child = fork();
    if (child == -1)
        fail("shmcon: fork()");
    if (child == 0) {
        execv(file, arguments);
        perror(file);
        _exit(127);
    }
    return child;
}

int main(int argc, char *argv[])
{
    int shmsize = TEXT_NUM * sizeof(struct shared_struct);
    printf("max record number = %d, shm size = %d\n", TEXT_NUM, shmsize);
    if (argc < 4) {
        printf("Usage: shmcon pathname reader writer\n");
        return EXIT_FAILURE;
    }

    if (access(argv[1], F_OK) == -1) {
        if (creat(argv[1], 0644) == -1)
            fail("creat()");
        printf("shared file object created\n");
    }
    key_t key = ftok(argv[1], PROJ_ID);
    if (key == -1)
        fail("shmcon: ftok()");
    printf("key generated: IPC key = %x\n", (unsigned)key);

    int shmid = shmget(key, shmsize, 0666 | PERM);
    if (shmid == -1)
        fail("shmcon: shmget()");
    printf("shmcon: shmid = %d\n", shmid);
    struct shared_struct *shared = shmat(shmid, NULL, 0);
    if (shared == (void *)-1)
        fail("shmcon: shmat()");
    printf("shmcon: shared Memory attached at %p\n", (void *)shared);
    shared->written = 0;
    show_segment(shmid);
    if (shmdt(shared) == -1)
        fail("shmcon: shmdt()");
    show_segment(shmid);

    char key_text[10];
    snprintf(key_text, sizeof key_text, "%x", (unsigned)key);
    start(argv[2], key_text);
    start(argv[3], key_text);
    while (wait(NULL) > 0)
        ;

    if (shmctl(shmid, IPC_RMID, NULL) == -1)
        fail("shmcon: shmctl(IPC_RMID)");
    printf("shmcon: shmid = %d removed \n", shmid);
    show_segment(shmid);
    printf("nothing found ... \n");
    return EXIT_SUCCESS;
}
