/* shmread KEY: the System V reader. As simple as a student's: looks, sleeps, looks again, wakes nobody. */
#include <string.h>
#include <sys/shm.h>
#include <unistd.h>
#include "shmdata.h"

#define INDENT "                              "

int main(int argc, char *argv[])
{
    if (argc < 2)
        return EXIT_FAILURE;
    key_t key = (key_t)strtoul(argv[1], NULL, 16);
    printf(INDENT "shmread: IPC key = %x\n", (unsigned)key);

    int shmid = shmget(key, TEXT_NUM * sizeof(struct shared_struct), 0666 | PERM);
    if (shmid == -1)
        fail("shread: shmget()");
    volatile struct shared_struct *shared = shmat(shmid, NULL, 0);
    if (shared == (void *)-1)
        fail("shread: shmat()");
    printf(INDENT "shmread: shmid = %d\n", shmid);
    printf(INDENT "shmread: shared memory attached at %p\n", (void *)shared);
    printf(INDENT "shmread process ready ...\n");

    for (int last = 0; !last;) {
        while (shared->written == 0)
            usleep(INTERVAL);
        printf(INDENT "You wrote: %s\n", (char *)shared->mtext);
        last = strncmp((char *)shared->mtext, "end", 3) == 0;
        shared->written = 0;
    }

    if (shmdt((void *)shared) == -1)
        fail("shmread: shmdt()");
    usleep(INTERVAL);
    return EXIT_SUCCESS;
}
