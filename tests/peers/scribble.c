/* scribble shm KEY SIZE SEED | scribble file PATH SIZE SEED: a hostile peer. Writes random bytes all over the shared
   memory, small numbers at its start more often than not, until its standard input ends. */
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>
#include "shmdata.h"

int main(int argc, char *argv[])
{
    if (argc < 5)
        return EXIT_FAILURE;
    size_t size = strtoul(argv[3], NULL, 10);
    unsigned char *bytes;
    if (strcmp(argv[1], "shm") == 0) {
        int shmid = shmget((key_t)strtoul(argv[2], NULL, 16), size, 0);
        bytes = shmid == -1 ? (void *)-1 : shmat(shmid, NULL, 0);
    } else {
        int fd = open(argv[2], O_RDWR);
        bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    }
    if (bytes == (void *)-1)
        fail(argv[2]);
    puts("attached");
    fflush(stdout);

    srand((unsigned)strtoul(argv[4], NULL, 10));
    struct pollfd input = {STDIN_FILENO, POLLIN, 0};
    while (poll(&input, 1, 0) == 0) {
        for (int i = 0; i < 1000; i++)
            bytes[rand() % size] = (unsigned char)rand();
        ((int *)bytes)[rand() % 64] = rand() % 3 == 0 ? rand() - RAND_MAX / 2 : rand() % 12;
    }
    return EXIT_SUCCESS;
}
