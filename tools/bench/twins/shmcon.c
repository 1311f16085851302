/* shmcon.c: the C twin of 8-1, for the time from start to end.
 * Makes a System V segment from a path, lists it, starts the reader and the writer with its key, waits, removes it.
 *
 * Usage:   shmcon PATHNAME READER WRITER
 * Partner: reader.c and writer.c, 8-2 and 8-3, or other programs that take the key as %x
 * Build:   gcc -O2 -o shmcon shmcon.c
 *
 * Departs from the slide: a segment that exists already is refused, a signal or a child that fails ends all, and a new
 * file is made with a mode (the slide's O_RDWR is none).
 */
#include "twin.h"

#include <sys/ipc.h>
#include <sys/shm.h>

#define TEXT_NUM 1
#define TEXT_SIZE (4 * 1024)

struct slot {
    int written;
    char mtext[TEXT_SIZE];
};

static volatile sig_atomic_t shmid = -1;

static void clean_up(void) {
    kill_children();
    if (shmid != -1)
        shmctl(shmid, IPC_RMID, NULL);
}

static void on_signal(int sig) {
    clean_up();
    _exit(128 + sig);
}

/* The segment's row, if it has one. */
static void list(void) {
    char command[64];
    snprintf(command, sizeof command, "ipcs -m | grep ' %d '", (int)shmid);
    printf("\n----- Shared Memory Segments ----- \n");
    fflush(stdout);
    if (system(command) == -1)
        err_exit("system()");
}

int main(int argc, char *argv[]) {
    me = "shmcon";
    if (argc != 4)
        fail("usage: shmcon PATHNAME READER WRITER");
    const char *pathname = argv[1];
    printf("max record number = %d, shm size = %zu\n", TEXT_NUM, TEXT_NUM * sizeof(struct slot));

    struct stat attributes;
    if (stat(pathname, &attributes) == -1) {
        int fd = creat(pathname, 0644);
        if (fd == -1)
            err_exit("creat()");
        close(fd);
        printf("shared file object created\n");
    }
    key_t key = ftok(pathname, 0x27);
    if (key == -1)
        err_exit("ftok()");
    printf("key generated: IPC key = %x\n", (unsigned)key);

    atexit(clean_up);
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    signal(SIGHUP, on_signal);
    shmid = shmget(key, TEXT_NUM * sizeof(struct slot), IPC_CREAT | IPC_EXCL | 0666);
    if (shmid == -1)
        err_exit("shmget()");
    printf("shmcon: shmid = %d\n", (int)shmid);
    struct slot *shared = shmat(shmid, NULL, 0);
    if (shared == (void *)-1)
        err_exit("shmat()");
    printf("shmcon: shared Memory attached at %p\n", (void *)shared);
    __atomic_store_n(&shared->written, 0, __ATOMIC_RELEASE);
    list();
    if (shmdt(shared) == -1)
        err_exit("shmdt()");
    list();

    char key_text[16];
    snprintf(key_text, sizeof key_text, "%x", (unsigned)key);
    run_programs(argv[2], argv[3], key_text);

    int removed = shmid;
    if (shmctl(removed, IPC_RMID, NULL) == -1)
        err_exit("shmctl(IPC_RMID)");
    printf("shmcon: shmid = %d removed \n", removed);
    list();
    shmid = -1;
    printf("nothing found ... \n");
    return EXIT_SUCCESS;
}
