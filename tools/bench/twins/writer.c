/* writer.c: the C twin of 8-3, for start-up time: leaves each line of its input in a System V segment, until `end`.
 *
 * Usage:   writer KEY   the segment of that key (%x), which 8-1 or shmcon.c has made
 * Partner: reader.c or 8-2, or any program that keeps to shared_struct
 * Build:   gcc -O2 -o writer writer.c        without the slide's sleeps: gcc -O2 -DINTERVAL_MS=0 ...
 *
 * Departs from the slide: it makes no segment for a key that has none, the end of its input is an `end`, and a line
 * that the slot cannot hold is several messages.
 */
#include "twin.h"

#include <sys/ipc.h>
#include <sys/shm.h>

#define TEXT_SIZE (4 * 1024)

#ifndef INTERVAL_MS
#define INTERVAL_MS 1000 /* the slide's sleep(1) */
#endif

struct slot {
    int written;
    char mtext[TEXT_SIZE];
};

int main(int argc, char *argv[]) {
    const struct timespec interval = {.tv_sec = INTERVAL_MS / 1000, .tv_nsec = INTERVAL_MS % 1000 * 1000000};
    unsigned key;
    me = "writer";
    if (argc != 2 || sscanf(argv[1], "%x", &key) != 1)
        fail("usage: writer KEY");

    printf("shmwrite: IPC key = %x\n", key);
    int shmid = shmget((key_t)key, sizeof(struct slot), 0600);
    if (shmid == -1)
        err_exit("shmget()");
    struct slot *shared = shmat(shmid, NULL, 0);
    if (shared == (void *)-1)
        err_exit("shmat()");
    printf("shmwrite: shmid = %d\n", shmid);
    printf("shmwrite: shared memory attached at %p\n", (void *)shared);
    printf("shmwrite precess ready ...\n"); /* sic */

    char line[TEXT_SIZE];
    do {
        while (__atomic_load_n(&shared->written, __ATOMIC_ACQUIRE) == 1) {
            fflush(stdout);
            nanosleep(&interval, NULL);
        }
        printf("Enter some text: ");
        fflush(stdout);
        if (fgets(line, sizeof line, stdin) == NULL)
            strcpy(line, "end\n");
        strncpy(shared->mtext, line, sizeof line);
        printf("shared buffer: %s\n", line);
        fflush(stdout);
        __atomic_store_n(&shared->written, 1, __ATOMIC_RELEASE);
    } while (strncmp(line, "end", 3) != 0);

    if (shmdt(shared) == -1)
        err_exit("shmdt()");
    if (INTERVAL_MS > 0)
        nanosleep(&interval, NULL);
    return EXIT_SUCCESS;
}
