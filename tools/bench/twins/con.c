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
static volatile pid_t children[2];

static volatile sig_atomic_t made;

static void clean_up(void) {
    for (int i = 0; i < 2; i++) {
        if (children[i] > 0)
            kill(children[i], SIGKILL);
    }
    if (made)
        shm_unlink(name);
}

static void on_signal(int sig) {
    clean_up();
    _exit(128 + sig);
}

static pid_t start(const char *file, const char *what) {
    char *args[] = {(char *)file, (char *)name, NULL};
    pid_t child = vfork();
    if (child == -1)
        err_exit(what);
    if (child == 0) {
        execv(file, args);
        _exit(127);
    }
    return child;
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

    children[0] = start(argc == 4 ? argv[2] : producer, "1st vfork()");
    children[1] = start(argc == 4 ? argv[3] : consumer, "2nd vfork()");
    for (int left = 2; left > 0; left--) {
        int status;
        pid_t child = wait(&status);
        if (child == -1)
            err_exit("wait()");
        children[child == children[1]] = 0;
        if (status != 0)
            fail("a child failed");
    }

    made = 0;
    if (shm_unlink(name) == -1)
        err_exit("shm_unlink()");
    if (system("ls -l /dev/shm/") == -1)
        err_exit("system()");
    return EXIT_SUCCESS;
}
