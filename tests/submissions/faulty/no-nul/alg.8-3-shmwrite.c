#include "alg.8-0-shmdata.h"

int main(int argc, char *argv[])
{
    unsigned key;
    if (argc < 2 || sscanf(argv[1], "%x", &key) != 1) {
        fprintf(stderr, "shmwrite: give the key in hexadecimal\n");
        return EXIT_FAILURE;
    }
    printf("shmwrite: IPC key = %x\n", key);
    int shmid = shmget((key_t)key, SIZE, 0666 | PERM);
    if (shmid == -1)
        ERR_EXIT("shmwrite: shmget()");
    volatile struct shared_struct *shared = shmat(shmid, 0, 0);
    if (shared == (void *)-1)
        ERR_EXIT("shmwrite: shmat()");
    printf("shmwrite: shmid = %d\n", shmid);
    printf("shmwrite: shared memory attached at %p\n", (void *)shared);
    printf("shmwrite precess ready ...\n");

    char line[TEXT_SIZE];
    do {
        while (shared->written != 0)
            look_again();
        printf("Enter some text: ");
        if (fgets(line, sizeof line, stdin) == NULL)
            strcpy(line, "end\n");
        memcpy((void *)shared->mtext, line, strlen(line));
        printf("shared buffer: %s\n", line);
        shared->written = 1;
    } while (strncmp(line, "end", 3) != 0);
    if (shmdt((void *)shared) == -1)
        ERR_EXIT("shmwrite: shmdt()");
    return EXIT_SUCCESS;
}
