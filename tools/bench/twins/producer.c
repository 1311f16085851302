/* producer.c: the C twin of 8-5, for start-up time: puts one message into an object in /dev/shm.
 *
 * Usage:   producer NAME
 * Partner: consumer.c or 8-6; started by con.c or 8-4, or by hand
 * Build:   gcc -O2 -o producer producer.c
 */
#include "twin.h"

#define SHM_SIZE (sizeof(int) + 4 * 1024) /* the slide's shared_struct */

int main(int argc, char *argv[]) {
    static const char message_0[] = "Hello World!";
    me = "producer";
    if (argc < 2)
        fail("usage: producer NAME");
    int fd = shm_open(argv[1], O_RDWR, 0666);
    if (fd == -1)
        err_exit("shm_open()");
    char *text = mmap(NULL, SHM_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (text == MAP_FAILED)
        err_exit("mmap()");

    /* The consumer waits for the first byte: it is stored last, and after the line that stands first on the slide. */
    memcpy(text + 1, message_0 + 1, sizeof message_0 - 1);
    printf("produced message: %s\n", message_0);
    fflush(stdout);
    __atomic_store_n(&text[0], message_0[0], __ATOMIC_RELEASE);
    return EXIT_SUCCESS;
}
