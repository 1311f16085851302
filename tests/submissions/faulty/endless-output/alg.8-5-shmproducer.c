#include "alg.8-0-shmdata.h"

int main(int argc, char *argv[])
{
    if (argc < 2)
        return EXIT_FAILURE;
    int fd = shm_open(argv[1], O_RDWR, 0666);
    if (fd == -1)
        ERR_EXIT("producer: shm_open()");
    char *shared = mmap(0, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (shared == MAP_FAILED)
        ERR_EXIT("producer: mmap()");
    sprintf(shared, "%s", "Hello World!");
    while (1)
        printf("produced message: %s\n", shared);
}
