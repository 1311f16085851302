/* con.c: the C twin of 8-4, for the time from start to end.
 * Makes an object in /dev/shm, lists it, starts the producer and the consumer on it, waits, unlinks it, lists again.
 *
 * Usage:   con NAME
 * Partner: producer and consumer beside this executable, or other programs: con NAME PRODUCER CONSUMER
 * Build:   gcc -O2 -o con con.c
 *
 * Departs from the slide: an object that exists already is refused, and a signal or a child that fails ends all.
 */
#include "twin.h"

#define SHM_SIZE (sizeof(int) + 4 * 1024) /* the slide's shared_struct */

static const char *name;
static volatile sig_atomic_t made;

static void clean_up(void) {
    kill_children();
    if (made)
        shm_unlink(name);
}

static void on_signal(int sig) {
    clean_up();
    _exit(128 + sig);
}

int main(int argc, char *argv[]) {
    me = "con";
    if (argc != 2 && argc != 4)
        fail("usage: con NAME [PRODUCER CONSUMER]");
    name = argv[1];

    char producer[PATH_MAX + 16], consumer[PATH_MAX + 16], folder[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", folder, sizeof folder - 1);
    if (length == -1)
        err_exit("readlink()");
    folder[length] = '\0';
    *strrchr(folder, '/') = '\0';
    snprintf(producer, sizeof producer, "%s/producer", folder);
    snprintf(consumer, sizeof consumer, "%s/consumer", folder);

    int fd = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0666);
    if (fd == -1)
        err_exit("shm_open()");
    made = 1;
    atexit(clean_up);
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    signal(SIGHUP, on_signal);
    if (system("ls -l /dev/shm/") == -1)
        err_exit("system()");
    if (ftruncate(fd, SHM_SIZE) == -1)
        err_exit("ftruncate()");

    run_programs(argc == 4 ? argv[2] : producer, argc == 4 ? argv[3] : consumer, name);

    made = 0;
    if (shm_unlink(name) == -1)
        err_exit("shm_unlink()");
    if (system("ls -l /dev/shm/") == -1)
        err_exit("system()");
    return EXIT_SUCCESS;
}
