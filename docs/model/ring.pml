/* The lecture's bounded buffer: a circular array between one producer and one consumer.
 *
 *     N      BUFFER_SIZE of the slide
 *     ITEMS  items 1 to ITEMS are produced, then an item of length 0, which ends the stream
 *
 * The lines carry the slide's statements: p1 to p3 are the producer's, c1 to c3 the consumer's.
 *
 * -DBLOCK  a wait blocks instead of spinning: one that never ends is a deadlock, which spin reports
 * -DSWAP   wrong: p3 comes before p2, as it may on a real machine where the store of `in` has no release order
 */
#ifndef N
#define N 3
#endif
#ifndef ITEMS
#define ITEMS 7
#endif

#ifdef BLOCK
#define wait_while(busy) !(busy)
#else
#define wait_while(busy) do :: busy -> skip :: else -> break od
#endif

typedef item { byte length; byte mtext };  /* stored and loaded one after the other: it can be seen half done */

item buffer[N];
byte in = 0;   /* next free position;  only the producer stores it */
byte out = 0;  /* first full position; only the consumer stores it */

/* Not on the slide: no process decides by these, spin checks them. */
byte held = 0;      /* items in the buffer */
byte arrived = 0;   /* items that the consumer has got */
byte finished = 0;  /* processes that have come to their end */

inline check() {
    assert(held <= N - 1);              /* at most BUFFER_SIZE - 1 items, */
    assert(held == (in + N - out) % N)  /* and in and out alone tell how many */
}

active proctype producer() {
    item next_produced;
    do
    :: next_produced.mtext <= ITEMS ->
        next_produced.mtext++;  /* produce an item saved in next_produced; the one after ITEMS is the end */
        next_produced.length = (next_produced.mtext <= ITEMS -> 1 : 0);

p1:     wait_while((in + 1) % N == out);                   /* while (((in + 1) % BUFFER_SIZE) == out) ; */
#ifndef SWAP
p2:     buffer[in].length = next_produced.length;          /* buffer[in] = next_produced; */
        buffer[in].mtext = next_produced.mtext;
p3:     atomic { in = (in + 1) % N; held++; check() }      /* in = (in + 1) % BUFFER_SIZE; */
#else
        atomic { in = (in + 1) % N; held++; check() };
        buffer[(in + N - 1) % N].length = next_produced.length;
        buffer[(in + N - 1) % N].mtext = next_produced.mtext
#endif
    :: else -> break
    od;
    finished++
}

active proctype consumer() {
    item next_consumed;
    do
    :: true ->
c1:     wait_while(in == out);                             /* while (in == out) ; */
c2:     next_consumed.length = buffer[out].length;         /* next_consumed = buffer[out]; */
        next_consumed.mtext = buffer[out].mtext;
c3:     atomic { out = (out + 1) % N; held--; check() };   /* out = (out + 1) % BUFFER_SIZE; */

        /* consume the item in next_consumed */
        assert(next_consumed.mtext == arrived + 1);                            /* each once, and in order, */
        assert((next_consumed.length == 0) == (next_consumed.mtext > ITEMS));  /* and whole */
        if
        :: next_consumed.length == 0 -> break
        :: else -> arrived++
        fi
    od;
    assert(arrived == ITEMS && held == 0);                 /* nothing lost, nothing left */
    finished++
}

/* Both come to their end, if each gets the processor again and again (pan -a -f). */
ltl ends { <> (finished == 2) }
