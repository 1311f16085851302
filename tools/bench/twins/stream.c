/* stream.c: standard input through the bounded buffer to standard output, byte for byte, between two processes.
 *
 * Usage:   stream NAME [--buffer-size 10] [--text-size 4096] [--wait futex|spin] [--looks 1000] [--stats] [--check]
 *                 [--pin] [--role both|producer|consumer]
 * Partner: itself (both, the default, forks two processes), or 8-4 --stream: then one role, on the object that 8-4 made
 * Prints:  the data; with --stats a line on standard error. Both sides count bytes and items, and with --check they sum
 *          all words: exit status 1 if the sides differ
 * Build:   gcc -O2 -o stream stream.c                a child for 8-4: gcc -O2 -DROLE='"producer"' ...
 *
 * read(2) goes straight into the slot, write(2) straight out of it. A side that waits looks for a while before it
 * sleeps in futex(2), if there is a second processor: a sleep across two processors costs more than that while.
 */
#include "twin.h"

#include "../../../docs/alg8_buffer.h"

#ifndef ROLE
#define ROLE "both"
#endif

typedef struct {
    unsigned long long bytes, items, sum, sleeps, wakes;
    double seconds;
} totals;

static alg8_buffer *shared;
static totals *both; /* the producer's and the consumer's, where one can see the other's */
static int futexes = 1, looks = 1000, check = 0, pinned = 0;

/* Wait while the index has the value. */
static int wait_while(int *index, int *sleeps, int value, totals *mine, const char *peer) {
    int seen;
    if (!futexes)
        return spin_while(index, value, peer);
    for (int i = 0; i < looks; i++) {
        if ((seen = alg8_load(index)) != value)
            return seen;
        relax();
    }
    const struct timespec limit = {.tv_nsec = 200 * 1000 * 1000}; /* a peer may wake nobody */
    for (;;) { /* as long as it takes: standard input and output may be slow */
        alg8_sleep(sleeps);
        if ((seen = alg8_load(index)) == value) {
            mine->sleeps++;
            futex_wait(index, value, &limit);
        }
        alg8_awake(sleeps);
        if ((seen = alg8_load(index)) != value)
            return seen;
    }
}

static void store(int *index, const int *sleeps, int value, totals *mine) {
    alg8_store(index, value);
    if (alg8_wake(sleeps)) { /* also for a peer that sleeps while we spin */
        mine->wakes++;
        futex_wake(index);
    }
}

/* The sum of the text's words; where they are cut depends on the items, which are the same on both sides. */
static unsigned long long sum_of(const char *text, size_t length) {
    unsigned long long sum = length, word;
    for (; length >= sizeof word; text += sizeof word, length -= sizeof word) {
        memcpy(&word, text, sizeof word);
        sum = (sum << 7 | sum >> 57) ^ word;
    }
    word = 0;
    memcpy(&word, text, length);
    return sum + word;
}

static int producer(void) {
    totals mine = {0};
    me = "stream: producer";
    if (pinned)
        pin(nth_cpu(0));
    int64_t start = now_ns();
    int in = alg8_load(&shared->in), out = alg8_load(&shared->out);
    for (;;) {
        int next = alg8_next(shared, in);
        if (next == out && (out = alg8_load(&shared->out)) == next)
            out = wait_while(&shared->out, &shared->out_sleeps, next, &mine, "consumer");
        alg8_item *next_produced = alg8_at(shared, in);
        ssize_t length;
        while ((length = read(STDIN_FILENO, next_produced->mtext, (size_t)shared->text_size)) == -1) {
            if (errno != EINTR)
                err_exit("read()");
        }
        next_produced->length = (int)length; /* 0, the end of standard input, ends the stream */
        mine.bytes += (unsigned long long)length;
        mine.items += length > 0;
        if (check)
            mine.sum += sum_of(next_produced->mtext, (size_t)length);
        in = next;
        store(&shared->in, &shared->in_sleeps, in, &mine);
        if (length == 0)
            break;
    }
    mine.seconds = seconds_since(start);
    both[0] = mine;
    return EXIT_SUCCESS;
}

static int consumer(void) {
    totals mine = {0};
    me = "stream: consumer";
    if (pinned)
        pin(nth_cpu(1));
    int64_t start = now_ns();
    int in = alg8_load(&shared->in), out = alg8_load(&shared->out);
    for (;;) {
        if (in == out && (in = alg8_load(&shared->in)) == out)
            in = wait_while(&shared->in, &shared->in_sleeps, out, &mine, "producer");
        const alg8_item *next_consumed = alg8_at(shared, out);
        int length = next_consumed->length;
        if (length < 0 || length > shared->text_size)
            fail("an item of length %d", length);
        for (int written = 0; written < length;) {
            ssize_t bytes = write(STDOUT_FILENO, next_consumed->mtext + written, (size_t)(length - written));
            if (bytes == -1 && errno != EINTR)
                err_exit("write()");
            if (bytes > 0)
                written += (int)bytes;
        }
        mine.bytes += (unsigned long long)length;
        mine.items += length > 0;
        if (check)
            mine.sum += sum_of(next_consumed->mtext, (size_t)length);
        out = alg8_next(shared, out);
        store(&shared->out, &shared->out_sleeps, out, &mine);
        if (length == 0)
            break;
    }
    mine.seconds = seconds_since(start);
    both[1] = mine;
    return EXIT_SUCCESS;
}

static void print(const char *side, const totals *of) {
    fprintf(stderr, "%s: %llu bytes, %llu items, %.3f seconds, %.0f bytes/s, %llu sleeps, %llu wakes, sum %llx\n", side,
            of->bytes, of->items, of->seconds, of->seconds > 0 ? (double)of->bytes / of->seconds : 0.0, of->sleeps,
            of->wakes, of->sum);
}

int main(int argc, char *argv[]) {
    me = "stream";
    const char *name = NULL, *role = ROLE;
    int buffer_size = 10, text_size = 4096, stats = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--buffer-size") == 0)
            buffer_size = (int)option_number(argc, argv, &i, 2, INT_MAX);
        else if (strcmp(argv[i], "--text-size") == 0)
            text_size = (int)option_number(argc, argv, &i, 1, INT_MAX);
        else if (strcmp(argv[i], "--looks") == 0)
            looks = (int)option_number(argc, argv, &i, 0, INT_MAX);
        else if (strcmp(argv[i], "--wait") == 0)
            futexes = strcmp(option_value(argc, argv, &i), "spin") != 0;
        else if (strcmp(argv[i], "--role") == 0)
            role = option_value(argc, argv, &i);
        else if (strcmp(argv[i], "--stats") == 0)
            stats = 1;
        else if (strcmp(argv[i], "--check") == 0)
            check = 1;
        else if (strcmp(argv[i], "--pin") == 0)
            pinned = 1;
        else if (argv[i][0] != '-' && name == NULL)
            name = argv[i]; /* --stream and other options are for C# peers */
    }
    if (name == NULL)
        fail("usage: stream NAME [--buffer-size 10] [--text-size 4096] [--wait futex|spin] [--looks 1000] [--stats] "
             "[--check] [--pin] [--role both|producer|consumer]");
    if (cpus() == 1)
        looks = 0; /* while one looks the other cannot do anything */
    both = mmap(NULL, 2 * sizeof *both, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (both == MAP_FAILED)
        err_exit("mmap()");

    if (strcmp(role, "both") == 0) {
        size_t size = alg8_shm_size(buffer_size, text_size);
        if (size == 0)
            fail("no such buffer");
        shared = shm_make(name, size);
        alg8_init(shared, buffer_size, text_size);
        int status = run_two(producer, consumer);
        if (stats) {
            print("producer", &both[0]);
            print("consumer", &both[1]);
        }
        if (status == 0 && (both[0].bytes != both[1].bytes || both[0].items != both[1].items ||
                            both[0].sum != both[1].sum))
            fail("what came out is not what went in");
        return status;
    }

    size_t size;
    shared = shm_use(name, &size);
    if (!alg8_fits(shared, size))
        fail("%s: no bounded buffer", name);
    die_with(getppid());
    int is_producer = strcmp(role, "producer") == 0;
    if (!is_producer && strcmp(role, "consumer") != 0)
        fail("--role %s: not both, producer, consumer", role);
    int status = is_producer ? producer() : consumer();
    if (stats)
        print(role, &both[!is_producer]);
    return status;
}
