/* shmwrite KEY: the System V writer. Its input must end with a line that begins with `end`. */
#include <string.h>
#include <sys/shm.h>
#include <unistd.h>
#include "shmdata.h"

int main(int argc, char *argv[])
{
    if (argc < 2)
        return EXIT_FAILURE;
    key_t key = (key_t)strtoul(argv[1], NULL, 16);
    printf("shmwrite: IPC key = %x\n", (unsigned)key);

    int shmid = shmget(key, TEXT_NUM * sizeof(struct shared_struct), 0666 | PERM);
    if (shmid == -1)
        fail("shmwrite: shmget()");
    volatile struct shared_struct *shared = shmat(shmid, NULL, 0);
    if (shared == (void *)-1)
        fail("shmwrite: shmat()");
    printf("shmwrite: shmid = %d\n", shmid);
    printf("shmwrite: shared memory attached at %p\n", (void *)shared);
    printf("shmwrite precess ready ...\n");

    char line[TEXT_SIZE] = "";
    while (strncmp(line, "end", 3) != 0) {
        while (shared->written == 1)
            usleep(INTERVAL);
        printf("Enter some text: ");
        if (fgets(line, TEXT_SIZE, stdin) == NULL)
            return EXIT_FAILURE;
        strcpy((char *)shared->mtext, line);
        printf("shared buffer: %s\n", (char *)shared->mtext);
        shared->written = 1;
    }

    if (shmdt((void *)shared) == -1)
        fail("shmwrite: shmdt()");
    usleep(INTERVAL);
    return EXIT_SUCCESS;
}
