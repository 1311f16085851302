#include "alg.8-0-shmdata.h"

int main(int argc, char *argv[])
{
    unsigned key;
    if (argc < 2 || sscanf(argv[1], "%x", &key) != 1) {
        fprintf(stderr, "shmread: give the key in hexadecimal\n");
        return EXIT_FAILURE;
    }
    printf(INDENT "shmread: IPC key = 0x%x\n", key);
    int shmid = shmget((key_t)key, SIZE, 0666 | PERM);
    if (shmid == -1)
        ERR_EXIT("shread: shmget()");
    volatile struct shared_struct *shared = shmat(shmid, 0, 0);
    if (shared == (void *)-1)
        ERR_EXIT("shread: shmat()");
    printf(INDENT "shmread: shmid = %d\n", shmid);
    printf(INDENT "shmread: shared memory attached at %p\n", (void *)shared);
    printf(INDENT "shmread process ready ...\n");

    for (int last = 0; !last;) {
        while (shared->written == 0)
            look_again();
        printf(INDENT "You wrote: %s\n", (char *)shared->mtext);
        last = strncmp((char *)shared->mtext, "end", 3) == 0;
        shared->written = 0
    }
    if (shmdt((void *)shared) == -1)
        ERR_EXIT("shmread: shmdt()");
    return EXIT_SUCCESS;
}
