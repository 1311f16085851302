/* shmproducer FILENAME: the POSIX producer, whose message stands in its source. */
#include <fcntl.h>
#include <sys/mman.h>
#include "shmdata.h"

int main(int argc, char *argv[])
{
    if (argc < 2)
        return EXIT_FAILURE;
    int fd = shm_open(argv[1], O_RDWR, 0666);
    if (fd == -1)
        fail("producer: shm_open()");
    char *shared = mmap(NULL, TEXT_NUM * sizeof(struct shared_struct), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (shared == MAP_FAILED)
        fail("producer: mmap()");
    sprintf(shared, "%s", "Hello World!");
    printf("produced message: %s\n", shared);
    return EXIT_SUCCESS;
}
