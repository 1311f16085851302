/* reader.c: the C twin of 8-2, for memory at rest and start-up time: prints each message that comes into a System V
 * segment, until `end`.
 *
 * Usage:   reader KEY [--interval 1000]       the segment of that key (%x), which 8-1 or shmcon.c has made
 *          reader --alone [--interval 1000]   a segment of its own that nobody else can find, gone with this process
 * Partner: writer.c or 8-3, or any program that keeps to shared_struct
 * Build:   gcc -O2 -o reader reader.c        without the slide's sleeps: gcc -O2 -DINTERVAL_MS=0 ...
 *
 * Departs from the slide: it makes no segment for a key that has none, and copies the text out before it gives it back.
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
    me = "reader";
    const char *key_text = NULL;
    int alone = 0;
    long long ms = INTERVAL_MS;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--alone") == 0) {
            alone = 1;
        } else if (strcmp(argv[i], "--interval") == 0) {
            ms = option_number(argc, argv, &i, 0, INT_MAX);
        } else if (argv[i][0] != '-' && key_text == NULL) {
            key_text = argv[i];
        }
    }
    unsigned key = 0;
    if (alone == (key_text != NULL) || (!alone && sscanf(key_text, "%x", &key) != 1))
        fail("usage: reader KEY|--alone [--interval 1000]");
    const struct timespec interval = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    printf("%30sshmread: IPC key = %x\n", "", key);
    int shmid = shmget(alone ? IPC_PRIVATE : (key_t)key, sizeof(struct slot), 0600);
    if (shmid == -1)
        err_exit("shmget()");
    struct slot *shared = shmat(shmid, NULL, 0);
    if (shared == (void *)-1)
        err_exit("shmat()");
    if (alone && shmctl(shmid, IPC_RMID, NULL) == -1)
        err_exit("shmctl(IPC_RMID)");
    printf("%30sshmread: shmid = %d\n", "", shmid);
    printf("%30sshmread: shared memory attached at %p\n", "", (void *)shared);
    printf("%30sshmread process ready ...\n", "");
    fflush(stdout);

    char text[TEXT_SIZE + 1] = "";
    do {
        while (__atomic_load_n(&shared->written, __ATOMIC_ACQUIRE) == 0)
            nanosleep(&interval, NULL);
        memcpy(text, shared->mtext, TEXT_SIZE);
        __atomic_store_n(&shared->written, 0, __ATOMIC_RELEASE);
        printf("%30sYou wrote: %s\n", "", text);
        fflush(stdout);
    } while (strncmp(text, "end", 3) != 0);

    if (shmdt(shared) == -1)
        err_exit("shmdt()");
    if (ms > 0)
        nanosleep(&interval, NULL);
    return EXIT_SUCCESS;
}
