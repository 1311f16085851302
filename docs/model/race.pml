/* Two producers share `in` without mutual exclusion, as the lecture warns: items are lost.
 *
 *     N     BUFFER_SIZE of the slide
 *     EACH  items that each producer makes
 *
 * The lines carry the slide's statements, as in ring.pml; p3 is taken apart into its load and its store.
 * A wait blocks.
 *
 * -DMUTEX  right again: only one producer at a time is between p1 and p4
 */
#ifndef N
#define N 3
#endif
#ifndef EACH
#define EACH 1
#endif
#define ITEMS (2 * EACH)

byte buffer[N];  /* an item is its number; 0: nothing was ever put here */
byte in = 0;     /* next free position;  both producers store it */
byte out = 0;    /* first full position; only the consumer stores it */
#ifdef MUTEX
bool locked = false;
#endif

/* Not on the slide: spin checks these. */
bool seen[ITEMS + 1];
byte arrived = 0;   /* different items that the consumer has got */
byte finished = 0;  /* producers that have come to their end */

active [2] proctype producer() {
    byte next_produced, next_in, made = 0;
    do
    :: made < EACH ->
        made++;
        next_produced = _pid * EACH + made;  /* produce an item saved in next_produced */
#ifdef MUTEX
        atomic { !locked -> locked = true };
#endif
p1:     (in + 1) % N != out;                 /* while (((in + 1) % BUFFER_SIZE) == out) ; */
p2:     buffer[in] = next_produced;          /* buffer[in] = next_produced; */
p3:     next_in = (in + 1) % N;              /* in = (in + 1) % BUFFER_SIZE; the load and the sum, */
p4:     in = next_in;                        /* and the store */
#ifdef MUTEX
        locked = false
#endif
    :: else -> break
    od;
    finished++
}

active proctype consumer() {
    byte next_consumed;
    do
    :: in != out ->                          /* c1: while (in == out) ; */
c2:     next_consumed = buffer[out];         /* next_consumed = buffer[out]; */
c3:     out = (out + 1) % N;                 /* out = (out + 1) % BUFFER_SIZE; */

        /* consume the item in next_consumed, unless it is one again, or none at all */
        if
        :: next_consumed != 0 && !seen[next_consumed] -> seen[next_consumed] = true; arrived++
        :: else -> skip
        fi
    :: in == out && finished == 2 -> break
    od;
    assert(arrived == ITEMS)                 /* nothing lost */
}
