#include "alg.8-0-shmdata.h"

int main(int argc, char *argv[])
{
    if (argc < 2)
        return EXIT_FAILURE;
    int fd = shm_open(argv[1], O_RDONLY, 0444);
    if (fd == -1)
        ERR_EXIT("consumer: shm_open()");
    volatile char *shared = mmap(0, SIZE, PROT_READ, MAP_SHARED, fd, 0);
    if (shared == MAP_FAILED)
        ERR_EXIT("consumer: mmap()");
    while (shared[0] == '\0')
        look_again();
    printf("consumed message: %s\n", (char *)shared);
    return EXIT_SUCCESS;
}
