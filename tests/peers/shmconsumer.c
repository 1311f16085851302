/* shmconsumer FILENAME: the POSIX consumer. It does not wait for its producer, as the lecture's does not. */
#include <fcntl.h>
#include <sys/mman.h>
#include "shmdata.h"

int main(int argc, char *argv[])
{
    if (argc < 2)
        return EXIT_FAILURE;
    int fd = shm_open(argv[1], O_RDONLY, 0444);
    if (fd == -1)
        fail("consumer: shm_open()");
    char *shared = mmap(NULL, TEXT_NUM * sizeof(struct shared_struct), PROT_READ, MAP_SHARED, fd, 0);
    if (shared == MAP_FAILED)
        fail("consumer: mmap()");
    printf("consumed message: %s\n", shared);
    return EXIT_SUCCESS;
}
