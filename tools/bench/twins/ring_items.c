/* ring_items.c: numbered items through the bounded buffer between two processes, spinning: the bench's yardstick.
 *
 * Usage:   ring_items NAME --items N [--buffer-size 10] [--eager] [--batch 1] [--pin] [--role both|producer|consumer]
 * Partner: itself (both, the default, forks two processes), or 8-4 --items: one role, on the object of 8-4
 * Prints:  items, seconds (first item to last), items/s, checksum, lost, out of order; exit status 1 if one is wrong
 * Build:   gcc -O2 -o ring_items ring_items.c        a child for 8-4: gcc -O2 -DROLE='"producer"' ...
 *
 * What makes it fast: each side keeps a copy of the other's index, and looks again only when the copy says full or
 * empty; no division; no fence on x86; a consumer that had to wait lets the producer get ahead, up to half the buffer and
 * as long as it moves, so that they do not take the same cache lines from each other (--eager: it does not). --batch B
 * stores an index only every B items, or before a wait: faster still in a large buffer, but not what the slide does.
 */
#include "twin.h"

#include "../../../docs/alg8_buffer.h"

#ifndef ROLE
#define ROLE "both"
#endif

/* An item of text_size 8: one cache line. */
typedef struct {
    int length;
    unsigned char mtext[8]; /* the number, little-endian */
    unsigned char unused[ALG8_LINE - 12];
} item;
_Static_assert(sizeof(item) == 64, "an item is one cache line");

static alg8_buffer *shared;
static uint64_t items;
static int batch = 1, pinned = 0, eager = 0;

static inline void put_number(unsigned char *mtext, uint64_t number) {
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
    number = __builtin_bswap64(number);
#endif
    memcpy(mtext, &number, sizeof number);
}

static inline uint64_t get_number(const unsigned char *mtext) {
    uint64_t number;
    memcpy(&number, mtext, sizeof number);
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
    number = __builtin_bswap64(number);
#endif
    return number;
}

/* Spin while the other side's index has the value. That side may be a C# peer that sleeps on ours: it is enough to wake
   it before a long wait, and at the end. */
static __attribute__((noinline)) int wait_while(int *index, int value, int *ours, const int *sleeps, const char *peer) {
    for (int looks = 0; looks < 200; looks++) {
        int seen = alg8_load(index);
        if (seen != value)
            return seen;
    }
    if (alg8_wake(sleeps))
        futex_wake(ours);
    return spin_while(index, value, peer);
}

static inline int wait_while_full(int next) {
    return wait_while(&shared->out, next, &shared->in, &shared->in_sleeps, "consumer");
}

static __attribute__((noinline)) int wait_while_empty(int out) {
    const int buffer_size = shared->buffer_size, pauses = buffer_size / 16 < 64 ? buffer_size / 16 : 64;
    if (eager || pauses == 0)
        return wait_while(&shared->in, out, &shared->out, &shared->out_sleeps, "producer");
    for (int looks = 0, before = 0; looks < 200; looks++) {
        int in = alg8_load(&shared->in), ahead = in - out + (in < out ? buffer_size : 0);
        if (ahead >= buffer_size / 2 || (ahead == before && ahead > 0))
            return in;
        before = ahead;
        for (int i = 0; i < pauses; i++)
            relax();
    }
    return wait_while(&shared->in, out, &shared->out, &shared->out_sleeps, "producer");
}

static inline __attribute__((always_inline)) void produce(int every) {
    const int buffer_size = shared->buffer_size;
    item *buffer = (item *)(void *)shared->buffer;
    int in = alg8_load(&shared->in), out = alg8_load(&shared->out), unpublished = 0;

    for (uint64_t k = 1; k <= items + 1; k++) {
        int next = in + 1 == buffer_size ? 0 : in + 1;
        if (next == out && (out = alg8_load(&shared->out)) == next) {
            if (every > 1) {
                alg8_store(&shared->in, in);
                unpublished = 0;
            }
            out = wait_while_full(next);
        }
        buffer[in].length = k <= items ? 8 : 0; /* an item of length 0 ends the stream */
        put_number(buffer[in].mtext, k);
        in = next;
        if (every == 1) {
            alg8_store(&shared->in, in);
        } else if (++unpublished == every || k > items) {
            alg8_store(&shared->in, in);
            unpublished = 0;
        }
    }
    if (alg8_wake(&shared->in_sleeps))
        futex_wake(&shared->in);
}

static int producer(void) {
    if (pinned)
        pin(nth_cpu(0));
    if (batch == 1)
        produce(1);
    else
        produce(batch);
    return EXIT_SUCCESS;
}

static inline __attribute__((always_inline)) int consume(int every) {
    const int buffer_size = shared->buffer_size;
    item *buffer = (item *)(void *)shared->buffer;
    int in, out = alg8_load(&shared->out), kept = 0;
    uint64_t expected = 1, arrived = 0, checksum = 0, lost = 0, out_of_order = 0;

    in = wait_while(&shared->in, out, &shared->out, &shared->out_sleeps, "producer");
    int64_t start = now_ns();
    for (;;) {
        if (in == out) {
            if (every > 1) {
                alg8_store(&shared->out, out);
                kept = 0;
            }
            in = wait_while_empty(out);
        }
        int length = buffer[out].length;
        uint64_t k = get_number(buffer[out].mtext);
        if (length != 8) {
            if (length == 0)
                break;
            fail("consumer: an item of length %d", length);
        }
        out = out + 1 == buffer_size ? 0 : out + 1;
        if (every == 1) {
            alg8_store(&shared->out, out);
        } else if (++kept == every) {
            alg8_store(&shared->out, out);
            kept = 0;
        }

        arrived++;
        checksum += k;
        if (__builtin_expect(k == expected, 1)) {
            expected++;
        } else if (k > expected) { /* what is between is lost, or late */
            lost += k - expected;
            expected = k + 1;
        } else {
            out_of_order++;
        }
    }
    double seconds = seconds_since(start);
    alg8_store(&shared->out, out + 1 == buffer_size ? 0 : out + 1); /* the end is consumed, too */

    if (items + 1 > expected)
        lost += items + 1 - expected;
    printf("items %llu, seconds %.3f, items/s %.0f, checksum %llu, lost %llu, out of order %llu\n",
           (unsigned long long)arrived, seconds, (double)arrived / seconds, (unsigned long long)checksum,
           (unsigned long long)lost, (unsigned long long)out_of_order);
    uint64_t right = items % 2 == 0 ? items / 2 * (items + 1) : (items + 1) / 2 * items;
    if (arrived != items || checksum != right || lost != 0 || out_of_order != 0)
        fail("consumer: not what was produced: %llu items, checksum %llu", (unsigned long long)items,
             (unsigned long long)right);
    return EXIT_SUCCESS;
}

static int consumer(void) {
    if (pinned)
        pin(nth_cpu(1));
    return batch == 1 ? consume(1) : consume(batch);
}

int main(int argc, char *argv[]) {
    me = "ring_items";
    const char *name = NULL, *role = ROLE;
    int buffer_size = 10;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--items") == 0)
            items = (uint64_t)option_number(argc, argv, &i, 1, INT64_MAX - 1);
        else if (strcmp(argv[i], "--buffer-size") == 0)
            buffer_size = (int)option_number(argc, argv, &i, 2, INT_MAX);
        else if (strcmp(argv[i], "--batch") == 0)
            batch = (int)option_number(argc, argv, &i, 1, INT_MAX);
        else if (strcmp(argv[i], "--pin") == 0)
            pinned = 1;
        else if (strcmp(argv[i], "--eager") == 0)
            eager = 1;
        else if (strcmp(argv[i], "--role") == 0)
            role = option_value(argc, argv, &i);
        else if (argv[i][0] != '-' && name == NULL)
            name = argv[i]; /* other options are for C# peers */
    }
    if (name == NULL || items == 0)
        fail("usage: ring_items NAME --items N [--buffer-size 10] [--eager] [--batch 1] [--pin] "
             "[--role both|producer|consumer]");

    if (strcmp(role, "both") == 0) {
        size_t size = alg8_shm_size(buffer_size, 8);
        if (size == 0)
            fail("no such buffer");
        shared = shm_make(name, size);
        alg8_init(shared, buffer_size, 8);
        return run_two(producer, consumer);
    }

    size_t size;
    shared = shm_use(name, &size);
    if (!alg8_fits(shared, size) || shared->text_size != 8)
        fail("%s: no bounded buffer of text_size 8", name);
    die_with(getppid());
    if (strcmp(role, "producer") == 0)
        return producer();
    if (strcmp(role, "consumer") == 0)
        return consumer();
    fail("--role %s: not both, producer, consumer", role);
}
