/* The ring with sides that sleep in futex(2) instead of spinning, and are woken only if they sleep: no wake is lost.
 * The protocol is that of alg8_sleep and alg8_wake in ../alg8_buffer.h. No time limit ends a sleep here.
 * Only what matters for sleeping is modelled: the items and their order are in ring.pml.
 *
 *     N      BUFFER_SIZE of the slide
 *     ITEMS  items that go through
 *
 * The lines carry the slide's statements, as in ring.pml: p1 and p3, c1 and c3.
 *
 * -DLAZY   right, too: a side wakes the other only before it waits itself (and the producer at its end), as is enough
 *          for sides that spin
 * -DSWAP   wrong: p3 looks for a sleeper before it stores its index, as a real machine may without the full fence
 * -DCLEAR  wrong: not the sleeper says that it is awake again, but its waker
 */
#ifndef N
#define N 3
#endif
#ifndef ITEMS
#define ITEMS 7
#endif

byte in = 0;              /* only the producer stores it */
byte out = 0;             /* only the consumer stores it */
bool in_sleeps = false;   /* the consumer sleeps on in;  only the consumer stores it */
bool out_sleeps = false;  /* the producer sleeps on out; only the producer stores it */

/* The kernel's: no process loads these. */
bool consumer_waits = false;
bool producer_waits = false;

/* Wake the other side if it sleeps on the index. */
inline wake(sleeps, waits) {
    if
    :: other_sleeps ->
#ifdef CLEAR
        sleeps = false;
#endif
        waits = false  /* futex(&index, FUTEX_WAKE, 1) */
    :: else -> skip
    fi
}

/* index = (index + 1) % N, and wake the other side if it sleeps on it */
inline store(index, sleeps, waits) {
#ifdef SWAP
    other_sleeps = sleeps;
    index = (index + 1) % N;
#else
    index = (index + 1) % N;
    other_sleeps = sleeps;
#endif
#ifndef LAZY
    wake(sleeps, waits)
#endif
}

inline wake_at_last(sleeps, waits) {
#ifdef LAZY
    other_sleeps = sleeps;
    wake(sleeps, waits)
#else
    skip
#endif
}

/* while (index == seen) sleep */
inline sleep(index, seen, sleeps, waits) {
    sleeps = true;
    atomic {  /* futex(&index, FUTEX_WAIT, seen): the kernel compares and puts to sleep in one step */
        if
        :: index == seen -> waits = true
        :: else -> skip
        fi
    };
    !waits;   /* asleep, until woken */
#ifndef CLEAR
    sleeps = false
#endif
}

active proctype producer() {
    byte seen, made = 0;
    bool other_sleeps;
    do
    :: made < ITEMS ->
p1:     do                                            /* while (((in + 1) % BUFFER_SIZE) == out) ; */
        :: seen = out;
            if
            :: (in + 1) % N == seen ->
                wake_at_last(in_sleeps, consumer_waits);
                sleep(out, seen, out_sleeps, producer_waits)
            :: else -> break
            fi
        od;
p3:     store(in, in_sleeps, consumer_waits);         /* in = (in + 1) % BUFFER_SIZE; */
        made++
    :: else -> break
    od;
    wake_at_last(in_sleeps, consumer_waits)
}

active proctype consumer() {
    byte seen, consumed = 0;
    bool other_sleeps;
    do
    :: consumed < ITEMS ->
c1:     do                                            /* while (in == out) ; */
        :: seen = in;
            if
            :: seen == out ->
                wake_at_last(out_sleeps, producer_waits);
                sleep(in, seen, in_sleeps, consumer_waits)
            :: else -> break
            fi
        od;
c3:     store(out, out_sleeps, producer_waits);       /* out = (out + 1) % BUFFER_SIZE; */
        consumed++
    :: else -> break
    od;
    assert(in == out)
}
