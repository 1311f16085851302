/* ipc.c: messages between two processes through shared memory, or a pipe, one mechanism a run: the twin of alg8-tools
 * ipc.
 *
 * Usage:   ipc MECHANISM --size BYTES --messages N --measure latency|throughput [--cpus A,B] [--interval 1000]
 * Partner: itself (forks a sender, for processor A, and a receiver, for B)
 * Prints:  latency:    messages N, p50 NS, p99 NS, max NS, mean NS, setup NS, cpu SECONDS
 *          throughput: messages N, seconds S, setup NS, cpu SECONDS
 *          exit status 1 if a message is lost, torn or out of order
 * Build:   gcc -O2 -o ipc ipc.c
 *
 * written-sleep, written-spin, written-futex: the slot of 8-1 to 8-3, in a System V segment. written = 0 acknowledges.
 * buffer-10, buffer-1024: the bounded buffer of 8-4, in a POSIX object, and a second one for the acknowledgement, an
 * item of 1 byte. A wait in futex(2) comes after looks, where these have helped of late, as on the C# side.
 * pipe: a pipe, and a second one for the acknowledgement, 1 byte.
 *
 * latency: each message is acknowledged before the next. throughput: the last one is, and the seconds end then.
 * N/10 + 1 messages go before those that count, none if written-sleep. setup: what both processes spend to make, map
 * and lay out the memory. cpu: user and system time of both while the N messages go. --interval MS: the slide's sleep(1).
 */
#include "twin.h"

#include "../../../docs/alg8_buffer.h"

#include <endian.h>
#include <sys/ipc.h>
#include <sys/resource.h>
#include <sys/shm.h>

#define TEXT_SIZE (4 * 1024)

struct slot {
    int written;
    char mtext[TEXT_SIZE];
};
_Static_assert(sizeof(struct slot) == 4100, "the slide's shared_struct");

enum through { SLOT, BUFFER, PIPE };
enum how { SLEEP, SPIN, FUTEX, READ };

static const struct mechanism {
    const char *name;
    enum through through;
    enum how how;
    int buffer_size; /* BUFFER */
} mechanisms[] = {
    {"written-sleep", SLOT, SLEEP, 0}, {"written-spin", SLOT, SPIN, 0},       {"written-futex", SLOT, FUTEX, 0},
    {"buffer-10", BUFFER, FUTEX, 10},  {"buffer-1024", BUFFER, FUTEX, 1024},  {"pipe", PIPE, READ, 0},
};

/* One process's end of a bounded buffer: its own index, and what it saw last of the other's. */
typedef struct {
    alg8_buffer *shared;
    int in, out;
} channel;

static const struct mechanism *mechanism;
static int size, cpu[2] = {-1, -1}, one_cpu, throughput;
static long messages, warm_up;
static struct timespec interval = {.tv_sec = 1};

static int shmid, fds[2]; /* the memory before it is mapped: a slot, or two buffers */
static int data_pipe[2], ack_pipe[2];
static struct slot *slot;
static channel data, acks;
static char *text; /* this process's copy of a message */

/* What the two processes tell the parent, and each other before they begin. */
static struct results {
    int ready;
    int64_t setup[3]; /* ns: the parent, the sender, the receiver */
    int64_t cpu[2];   /* us */
    int64_t p50, p99, max;
    double mean, seconds;
} *results;

/* ---- waiting ---- */

/* After looks in vain, so many waits, twice as many each time, go without; then it looks long enough for a sleeper to wake. */
static int look(const int *word, int value) {
    static int vain, without, most = 1000;
    int seen = value, looks = 0;
    if (without > 0) {
        without--;
        return seen;
    }
    for (; looks < most && seen == value; looks++) {
        if (looks >= 200)
            relax();
        seen = alg8_load(word);
    }
    vain = seen != value ? 0 : vain < 512 ? 2 * vain + 1 : 1023;
    without = vain;
    most = seen != value && looks <= 1000 ? 1000 : 8000;
    return seen;
}

/* Wait while the word has the value; sleeps: where to say that this side sleeps, or NULL. Returns the new value. */
static __attribute__((noinline)) int wait_while(int *word, int value, int *sleeps, const char *peer) {
    const struct timespec limit = {.tv_nsec = 200 * 1000 * 1000}; /* as for a peer that may wake nobody */
    int seen;
    if (mechanism->how == SPIN && !one_cpu)
        return spin_while(word, value, peer);
    while ((seen = alg8_load(word)) == value) {
        switch (mechanism->how) {
        case SLEEP:
            nanosleep(&interval, NULL);
            break;
        case SPIN: /* the other side moves only when it gets the processor */
            sched_yield();
            break;
        case FUTEX:
            if ((seen = look(word, value)) != value)
                return seen;
            if (sleeps != NULL)
                alg8_sleep(sleeps);
            futex_wait(word, value, &limit);
            if (sleeps != NULL)
                alg8_awake(sleeps);
            break;
        case READ: /* the kernel's part */
            break;
        }
    }
    return seen;
}

/* ---- the slot ---- */

static inline void slot_wait_while(int value, const char *peer) {
    if (alg8_load(&slot->written) == value)
        wait_while(&slot->written, value, NULL, peer);
}

static inline void slot_store(int value) {
    alg8_store(&slot->written, value);
    if (mechanism->how == FUTEX)
        futex_wake(&slot->written);
}

/* ---- the bounded buffer ---- */

static inline void put(channel *to, const void *item, int length) {
    alg8_buffer *shared = to->shared;
    int next = alg8_next(shared, to->in);
    if (next == to->out && (to->out = alg8_load(&shared->out)) == next) /* full, when last looked at, and still */
        to->out = wait_while(&shared->out, next, &shared->out_sleeps, "receiver");
    alg8_item *next_produced = alg8_at(shared, to->in);
    next_produced->length = length;
    memcpy(next_produced->mtext, item, (size_t)length);
    to->in = next;
    alg8_store(&shared->in, next);
    if (alg8_wake(&shared->in_sleeps))
        futex_wake(&shared->in);
}

static inline void get(channel *from, void *item, int length) {
    alg8_buffer *shared = from->shared;
    if (from->in == from->out && (from->in = alg8_load(&shared->in)) == from->out)
        from->in = wait_while(&shared->in, from->out, &shared->in_sleeps, "sender");
    const alg8_item *next_consumed = alg8_at(shared, from->out);
    if (next_consumed->length != length)
        fail("an item of length %d, not %d", next_consumed->length, length);
    memcpy(item, next_consumed->mtext, (size_t)length);
    from->out = alg8_next(shared, from->out);
    alg8_store(&shared->out, from->out);
    if (alg8_wake(&shared->out_sleeps))
        futex_wake(&shared->out);
}

/* ---- the pipes ---- */

static inline void write_all(int fd, const char *bytes, int length) {
    while (length > 0) {
        ssize_t n = write(fd, bytes, (size_t)length);
        if (n == -1)
            err_exit("write()");
        bytes += n;
        length -= (int)n;
    }
}

static inline void read_all(int fd, char *bytes, int length, const char *peer) {
    while (length > 0) {
        ssize_t n = read(fd, bytes, (size_t)length);
        if (n == -1)
            err_exit("read()");
        if (n == 0)
            fail("the %s is gone", peer);
        bytes += n;
        length -= (int)n;
    }
}

/* ---- messages ---- */

/* A message begins with its number, little-endian, as far as there is room; from 16 bytes on it ends with it, too:
   a message of which only a part is new is noticed. */
static inline void number_text(uint64_t number) {
    number = htole64(number);
    memcpy(text, &number, size < 8 ? (size_t)size : 8);
    if (size >= 16)
        memcpy(text + size - 8, &number, 8);
}

static inline void check_text(uint64_t number) {
    const uint64_t bytes = htole64(number);
    if (memcmp(text, &bytes, size < 8 ? (size_t)size : 8) != 0 ||
        (size >= 16 && memcmp(text + size - 8, &bytes, 8) != 0))
        fail("message %llu is lost, torn or out of order", (unsigned long long)number);
}

static inline __attribute__((always_inline)) void send(enum through through, uint64_t number) {
    number_text(number);
    if (through == BUFFER) {
        put(&data, text, size);
    } else if (through == PIPE) {
        write_all(data_pipe[1], text, size);
    } else {
        slot_wait_while(1, "receiver");
        memcpy(slot->mtext, text, (size_t)size);
        slot_store(1);
    }
}

static inline __attribute__((always_inline)) void receive(enum through through, uint64_t number) {
    if (through == BUFFER) {
        get(&data, text, size);
    } else if (through == PIPE) {
        read_all(data_pipe[0], text, size, "sender");
    } else {
        slot_wait_while(0, "sender");
        memcpy(text, slot->mtext, (size_t)size);
        slot_store(0);
    }
    check_text(number);
}

/* The slot that is free again is the acknowledgement. */
static inline __attribute__((always_inline)) void acknowledge(enum through through) {
    static const char ack = 1;
    if (through == BUFFER)
        put(&acks, &ack, 1);
    else if (through == PIPE)
        write_all(ack_pipe[1], &ack, 1);
}

static inline __attribute__((always_inline)) void wait_for_acknowledgement(enum through through) {
    char ack;
    if (through == BUFFER)
        get(&acks, &ack, 1);
    else if (through == PIPE)
        read_all(ack_pipe[0], &ack, 1, "receiver");
    else
        slot_wait_while(1, "receiver");
}

/* ---- the memory ---- */

/* The parent's part: nothing has a name, or is there without a process that has it, for longer than these calls. */
static void make(void) {
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    int64_t start = now_ns();
    if (mechanism->through == PIPE) {
        if (pipe(data_pipe) == -1 || pipe(ack_pipe) == -1)
            err_exit("pipe()");
        results->setup[0] = now_ns() - start;
    } else if (mechanism->through == SLOT) {
        shmid = shmget(IPC_PRIVATE, sizeof(struct slot), 0600);
        results->setup[0] = now_ns() - start;
        if (shmid == -1)
            err_exit("shmget()");
        void *hold = shmat(shmid, NULL, 0); /* until both have it */
        if (shmctl(shmid, IPC_RMID, NULL) == -1)
            err_exit("shmctl(IPC_RMID)");
        if (hold == (void *)-1)
            err_exit("shmat()");
    } else {
        size_t shm_size = alg8_shm_size(mechanism->buffer_size, size);
        char name[64];
        snprintf(name, sizeof name, "/twin-%ld", (long)getpid());
        for (int i = 0; i < 2; i++)
            fds[i] = shm_object(name, shm_size);
        results->setup[0] = now_ns() - start;
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
}

/* The sender's part, which lays it out, and the receiver's. */
static void map(int side) {
    int64_t start = now_ns();
    if (mechanism->through == PIPE) { /* each keeps its own ends: then it sees the other's death */
        close(data_pipe[side == 0 ? 0 : 1]);
        close(ack_pipe[side == 0 ? 1 : 0]);
    } else if (mechanism->through == SLOT) {
        slot = shmat(shmid, NULL, 0);
        if (slot == (void *)-1)
            err_exit("shmat()");
        if (side == 0)
            alg8_store(&slot->written, 0);
    } else {
        size_t shm_size = alg8_shm_size(mechanism->buffer_size, size);
        data.shared = shm_map(fds[0], shm_size);
        acks.shared = shm_map(fds[1], shm_size);
        if (side == 0) {
            alg8_init(data.shared, mechanism->buffer_size, size);
            alg8_init(acks.shared, mechanism->buffer_size, size);
        }
    }
    results->setup[1 + side] = now_ns() - start;
}

/* ---- the two processes ---- */

static void begin(int side, const char *peer) {
    static char name[32];
    snprintf(name, sizeof name, "ipc: %s", side == 0 ? "sender" : "receiver");
    me = name;
    if (cpu[side] >= 0)
        pin(cpu[side]);
    text = calloc(1, (size_t)size);
    if (text == NULL)
        err_exit("calloc()");
    map(side);
    if (__atomic_add_fetch(&results->ready, 1, __ATOMIC_ACQ_REL) == 1)
        spin_while(&results->ready, 1, peer);
}

static int64_t cpu_us(void) {
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) == -1)
        err_exit("getrusage()");
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * INT64_C(1000000) + usage.ru_utime.tv_usec +
           usage.ru_stime.tv_usec;
}

static inline __attribute__((always_inline)) void send_all(enum through through, int64_t *times) {
    uint64_t number = 0;
    if (!throughput) {
        for (long i = 0; i < warm_up; i++) {
            send(through, ++number);
            wait_for_acknowledgement(through);
        }
        int64_t cpu_before = cpu_us(), first = now_ns(), before = first;
        for (long i = 0; i < messages; i++) {
            send(through, ++number);
            wait_for_acknowledgement(through);
            int64_t after = now_ns();
            times[i] = after - before;
            before = after;
        }
        results->cpu[0] = cpu_us() - cpu_before;
        results->mean = (double)(before - first) / (double)messages;
        return;
    }

    if (warm_up > 0) {
        for (long i = 0; i < warm_up; i++)
            send(through, ++number);
        wait_for_acknowledgement(through);
    }
    int64_t cpu_before = cpu_us(), start = now_ns();
    for (long i = 0; i < messages; i++)
        send(through, ++number);
    wait_for_acknowledgement(through);
    results->seconds = seconds_since(start);
    results->cpu[0] = cpu_us() - cpu_before;
}

static inline __attribute__((always_inline)) void receive_all(enum through through) {
    uint64_t number = 0;
    for (long i = 1; i <= warm_up; i++) {
        receive(through, ++number);
        if (!throughput || i == warm_up)
            acknowledge(through);
    }
    int64_t cpu_before = cpu_us();
    for (long i = 1; i <= messages; i++) {
        receive(through, ++number);
        if (!throughput || i == messages)
            acknowledge(through);
    }
    results->cpu[1] = cpu_us() - cpu_before;
}

static int compare(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int sender(void) {
    size_t count = throughput ? 1 : (size_t)messages;
    int64_t *times = calloc(count, sizeof *times);
    if (times == NULL)
        err_exit("calloc()");
    memset(times, 1, count * sizeof *times); /* no page fault while it counts */
    begin(0, "receiver");
    switch (mechanism->through) { /* a constant for each: no branch while it counts */
    case SLOT:
        send_all(SLOT, times);
        break;
    case BUFFER:
        send_all(BUFFER, times);
        break;
    case PIPE:
        send_all(PIPE, times);
        break;
    }
    if (!throughput) {
        qsort(times, count, sizeof *times, compare);
        results->p50 = times[(count - 1) / 2];
        results->p99 = times[(size_t)((double)(count - 1) * 0.99)];
        results->max = times[count - 1];
    }
    free(times);
    return EXIT_SUCCESS;
}

static int receiver(void) {
    begin(1, "sender");
    switch (mechanism->through) {
    case SLOT:
        receive_all(SLOT);
        break;
    case BUFFER:
        receive_all(BUFFER);
        break;
    case PIPE:
        receive_all(PIPE);
        break;
    }
    return EXIT_SUCCESS;
}

/* ---- the command line ---- */

static const struct mechanism *mechanism_of(const char *name) {
    for (size_t i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++) {
        if (strcmp(mechanisms[i].name, name) == 0)
            return &mechanisms[i];
    }
    fail("%s: not written-sleep, written-spin, written-futex, buffer-10, buffer-1024, pipe", name);
}

static void read_cpus(const char *pair) {
    int end = 0;
    if (sscanf(pair, "%9d,%9d%n", &cpu[0], &cpu[1], &end) != 2 || pair[end] != '\0' || cpu[0] < 0 || cpu[1] < 0 ||
        cpu[0] >= CPU_SETSIZE || cpu[1] >= CPU_SETSIZE)
        fail("--cpus %s: not two processors, as in 0,1", pair);
}

int main(int argc, char *argv[]) {
    static const char usage[] = "usage: ipc MECHANISM --size BYTES --messages N --measure latency|throughput "
                                "[--cpus A,B] [--interval 1000]";
    me = "ipc";
    const char *measure = "";
    if (argc < 2)
        fail("%s", usage);
    mechanism = mechanism_of(argv[1]);
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--size") == 0) {
            size = (int)option_number(argc, argv, &i, 1, mechanism->through == SLOT ? TEXT_SIZE : INT_MAX);
        } else if (strcmp(argv[i], "--messages") == 0) {
            messages = (long)option_number(argc, argv, &i, 1, 100 * 1000 * 1000);
        } else if (strcmp(argv[i], "--measure") == 0) {
            measure = option_value(argc, argv, &i);
            throughput = strcmp(measure, "throughput") == 0;
            if (!throughput && strcmp(measure, "latency") != 0)
                fail("--measure %s: not latency, throughput", measure);
        } else if (strcmp(argv[i], "--cpus") == 0) {
            read_cpus(option_value(argc, argv, &i));
        } else if (strcmp(argv[i], "--interval") == 0) {
            long long ms = option_number(argc, argv, &i, 0, INT_MAX);
            interval = (struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
        } else {
            fail("%s", usage);
        }
    }
    if (size == 0 || messages == 0 || *measure == '\0')
        fail("%s", usage);
    warm_up = mechanism->how == SLEEP ? 0 : messages / 10 + 1;
    one_cpu = cpus() == 1 || (cpu[0] >= 0 && cpu[0] == cpu[1]);

    results = mmap(NULL, sizeof *results, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (results == MAP_FAILED)
        err_exit("mmap()");
    make();
    int status = run_two(sender, receiver);
    if (status != 0)
        return status;

    printf("messages %ld, ", messages);
    if (throughput)
        printf("seconds %.6f", results->seconds);
    else
        printf("p50 %lld, p99 %lld, max %lld, mean %.1f", (long long)results->p50, (long long)results->p99,
               (long long)results->max, results->mean);
    printf(", setup %lld, cpu %.6f\n", (long long)(results->setup[0] + results->setup[1] + results->setup[2]),
           (double)(results->cpu[0] + results->cpu[1]) * 1e-6);
    return EXIT_SUCCESS;
}
