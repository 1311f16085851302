/* roundtrip.c: how long a message takes there and back again between two processes, through the slot of 8-1 to 8-3.
 *
 * Usage:   roundtrip [--wait spin|futex|sleep|pipe] [--rounds N] [--pin same|different|none] [--looks 0]
 *                    [--interval 1000]
 * Partner: itself (forks two processes)
 * Prints:  p50, p99, max and mean of N rounds in nanoseconds; exit status 1 if a message is lost, torn or out of order
 * Build:   gcc -O2 -o roundtrip roundtrip.c
 *
 * A round: the writer puts a number into mtext and stores written = 1; the reader copies it out and stores written = 0;
 * the writer sees that. (pipe: the number goes through one pipe, and comes back through another.) The mean is that of N
 * rounds with no clock between them; then come N rounds with one clock reading each, for p50, p99 and max.
 * --looks L: before a sleep in futex(2), look L times. --interval MS: the slide's sleep(1) between two looks.
 */
#include "twin.h"

#define TEXT_SIZE (4 * 1024)

struct slot {
    int written;
    char mtext[TEXT_SIZE];
};
_Static_assert(sizeof(struct slot) == 4100, "the slide's shared_struct");

enum how { SPIN, FUTEX, SLEEP, PIPE };

static struct slot *shared;
static struct {
    uint64_t checksum, wrong;
} *readers; /* what the reader has found, for the writer to see */
static int there[2], back[2];
static enum how how = SPIN;
static long rounds = 0, warm_up = 0;
static int writer_cpu = -1, reader_cpu = -1, looks = 0, one_cpu = 0;
static struct timespec interval = {.tv_sec = 1};

static inline __attribute__((always_inline)) void wait_while(enum how way, int value, const char *peer) {
    switch (way) {
    case SPIN:
        if (one_cpu) { /* the other side moves only when it gets the processor */
            while (__atomic_load_n(&shared->written, __ATOMIC_ACQUIRE) == value)
                sched_yield();
            break;
        }
        for (int i = 0; i < 10000; i++) {
            if (__atomic_load_n(&shared->written, __ATOMIC_ACQUIRE) != value)
                return;
        }
        spin_while(&shared->written, value, peer);
        break;
    case FUTEX:
        for (int i = 0; i < looks; i++) {
            if (__atomic_load_n(&shared->written, __ATOMIC_ACQUIRE) != value)
                return;
            relax();
        }
        while (__atomic_load_n(&shared->written, __ATOMIC_ACQUIRE) == value)
            futex_wait(&shared->written, value, NULL);
        break;
    default:
        while (__atomic_load_n(&shared->written, __ATOMIC_ACQUIRE) == value)
            nanosleep(&interval, NULL);
        break;
    }
}

static inline __attribute__((always_inline)) void store(enum how way, int value) {
    __atomic_store_n(&shared->written, value, __ATOMIC_RELEASE);
    if (way == FUTEX)
        futex_wake(&shared->written);
}

static inline void pipe_write(int fd, uint64_t number) {
    if (write(fd, &number, sizeof number) != (ssize_t)sizeof number)
        err_exit("write()");
}

static inline uint64_t pipe_read(int fd) {
    uint64_t number;
    ssize_t bytes = read(fd, &number, sizeof number);
    if (bytes == -1)
        err_exit("read()");
    if (bytes != (ssize_t)sizeof number)
        fail("the pipe is closed");
    return number;
}

/* The writer's part of a round. */
static inline __attribute__((always_inline)) void there_and_back(enum how way, uint64_t number) {
    if (way == PIPE) {
        pipe_write(there[1], number);
        if (pipe_read(back[0]) != number)
            fail("another message came back");
        return;
    }
    memcpy(shared->mtext, &number, sizeof number);
    store(way, 1);
    wait_while(way, 1, "reader");
}

/* The reader's part of a round: copied out before the slot is given back. */
static inline __attribute__((always_inline)) uint64_t take(enum how way) {
    if (way == PIPE) {
        uint64_t number = pipe_read(there[0]);
        pipe_write(back[1], number);
        return number;
    }
    uint64_t number;
    wait_while(way, 0, "writer");
    memcpy(&number, shared->mtext, sizeof number);
    store(way, 0);
    return number;
}

static long all_rounds(void) {
    return how == SLEEP ? rounds : warm_up + 2 * rounds;
}

static inline __attribute__((always_inline)) void read_all(enum how way) {
    uint64_t checksum = 0, wrong = 0, last = (uint64_t)all_rounds();
    for (uint64_t k = 1; k <= last; k++) {
        uint64_t number = take(way);
        checksum += number;
        wrong += number != k;
    }
    readers->checksum = checksum;
    readers->wrong = wrong;
}

static int reader(void) {
    if (reader_cpu >= 0)
        pin(reader_cpu);
    switch (how) {
    case SPIN: read_all(SPIN); break;
    case FUTEX: read_all(FUTEX); break;
    case SLEEP: read_all(SLEEP); break;
    case PIPE: read_all(PIPE); break;
    }
    return readers->wrong != 0;
}

static inline __attribute__((always_inline)) double write_all(enum how way, int64_t *times) {
    uint64_t k = 0;
    double mean = 0;
    if (way != SLEEP) {
        for (long i = 0; i < warm_up; i++)
            there_and_back(way, ++k);
        int64_t start = now_ns();
        for (long i = 0; i < rounds; i++)
            there_and_back(way, ++k);
        mean = (double)(now_ns() - start) / (double)rounds;
    }
    int64_t first = now_ns(), before = first;
    for (long i = 0; i < rounds; i++) {
        there_and_back(way, ++k);
        int64_t after = now_ns();
        times[i] = after - before;
        before = after;
    }
    return way == SLEEP ? (double)(before - first) / (double)rounds : mean;
}

static int compare(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int writer(void) {
    if (writer_cpu >= 0)
        pin(writer_cpu);
    int64_t *times = calloc((size_t)rounds, sizeof *times);
    if (times == NULL)
        err_exit("calloc()");
    memset(times, 1, (size_t)rounds * sizeof *times); /* no page fault in a round */
    double mean = 0;
    switch (how) {
    case SPIN: mean = write_all(SPIN, times); break;
    case FUTEX: mean = write_all(FUTEX, times); break;
    case SLEEP: mean = write_all(SLEEP, times); break;
    case PIPE: mean = write_all(PIPE, times); break;
    }
    qsort(times, (size_t)rounds, sizeof *times, compare);
    printf("rounds %ld, p50 %lld, p99 %lld, max %lld, mean %.1f\n", rounds, (long long)times[(rounds - 1) / 2],
           (long long)times[(rounds - 1) * 99 / 100], (long long)times[rounds - 1], mean);
    free(times);
    return EXIT_SUCCESS;
}

int main(int argc, char *argv[]) {
    me = "roundtrip";
    const char *pins = "none";
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--wait") == 0) {
            const char *way = option_value(argc, argv, &i);
            if (strcmp(way, "spin") == 0)
                how = SPIN;
            else if (strcmp(way, "futex") == 0)
                how = FUTEX;
            else if (strcmp(way, "sleep") == 0)
                how = SLEEP;
            else if (strcmp(way, "pipe") == 0)
                how = PIPE;
            else
                fail("--wait %s: not spin, futex, sleep, pipe", way);
        } else if (strcmp(argv[i], "--rounds") == 0) {
            rounds = (long)option_number(argc, argv, &i, 1, 100 * 1000 * 1000);
        } else if (strcmp(argv[i], "--pin") == 0) {
            pins = option_value(argc, argv, &i);
        } else if (strcmp(argv[i], "--looks") == 0) {
            looks = (int)option_number(argc, argv, &i, 0, INT_MAX);
        } else if (strcmp(argv[i], "--interval") == 0) {
            long long ms = option_number(argc, argv, &i, 0, INT_MAX);
            interval = (struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
        } else {
            fail("usage: roundtrip [--wait spin|futex|sleep|pipe] [--rounds N] [--pin same|different|none] [--looks 0] "
                 "[--interval 1000]");
        }
    }
    if (rounds == 0)
        rounds = how == SLEEP ? 3 : how == SPIN ? 1000000 : 20000;
    warm_up = rounds / 10 + 1;

    if (strcmp(pins, "same") == 0) {
        writer_cpu = reader_cpu = nth_cpu(0);
        one_cpu = 1;
    } else if (strcmp(pins, "different") == 0) {
        writer_cpu = nth_cpu(0);
        reader_cpu = nth_cpu(1);
    } else if (strcmp(pins, "none") != 0) {
        fail("--pin %s: not same, different, none", pins);
    }
    one_cpu = one_cpu || cpus() == 1;

    shared = shm_make(NULL, sizeof *shared);
    readers = mmap(NULL, sizeof *readers, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (readers == MAP_FAILED)
        err_exit("mmap()");
    if (pipe2(there, O_CLOEXEC) == -1 || pipe2(back, O_CLOEXEC) == -1)
        err_exit("pipe2()");

    int status = run_two(reader, writer);
    uint64_t last = (uint64_t)all_rounds();
    if (status == 0 && readers->checksum != last * (last + 1) / 2)
        fail("checksum %llu of %llu messages", (unsigned long long)readers->checksum, (unsigned long long)last);
    if (readers->wrong != 0)
        fail("%llu messages lost, torn or out of order", (unsigned long long)readers->wrong);
    return status;
}
