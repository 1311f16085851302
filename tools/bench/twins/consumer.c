/* consumer.c: the C twin of 8-6, for start-up time: prints the message that a producer puts into an object in /dev/shm.
 *
 * Usage:   consumer NAME
 * Partner: producer.c or 8-5; started by con.c or 8-4, or by hand
 * Build:   gcc -O2 -o consumer consumer.c
 *
 * Departs from the slide: it waits for the message, so that it is never empty.
 */
#include "twin.h"

#define SHM_SIZE (sizeof(int) + 4 * 1024) /* the slide's shared_struct */

int main(int argc, char *argv[]) {
    me = "consumer";
    if (argc < 2)
        fail("usage: consumer NAME");
    int fd = shm_open(argv[1], O_RDONLY, 0444);
    if (fd == -1)
        err_exit("shm_open()");
    const char *text = mmap(NULL, SHM_SIZE, PROT_READ, MAP_SHARED, fd, 0);
    if (text == MAP_FAILED)
        err_exit("mmap()");

    int64_t start = now_ns();
    while (__atomic_load_n(&text[0], __ATOMIC_ACQUIRE) == '\0') {
        if (seconds_since(start) > PATIENCE_S)
            fail("no message");
        sched_yield();
    }
    printf("consumed message: %.*s\n", (int)SHM_SIZE, text);
    return EXIT_SUCCESS;
}
