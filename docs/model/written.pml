/* The single slot of 8-1 to 8-3: `written` tells whose it is, the writer's (0) or the reader's (1).
 *
 *     MESSAGES  messages 1 to MESSAGES are written, then END, the slide's "end"
 *
 * The lines carry the slides' statements: w1 to w4 are the writer's (8-3), r1 to r5 the reader's (8-2).
 *
 * -DBLOCK  a wait blocks instead of sleeping: one that never ends is a deadlock, which spin reports
 * -DSLIDE  wrong: as on the slide, the reader looks for "end" in the slot after it has given the slot back
 * -DSWAP   wrong: w3 comes before w2, as it may on a real machine where the store of `written` has no release order
 */
#ifndef MESSAGES
#define MESSAGES 3
#endif
#define END (MESSAGES + 1)

#ifdef BLOCK
#define wait_while(busy) !(busy)
#else
#define wait_while(busy) do :: busy -> skip :: else -> break od
#endif

/* struct shared_struct */
byte written = 0;  /* 8-1: shared->written = 0; */
byte mtext[2];     /* stored and loaded half by half: a message can be seen torn */

/* Not on the slides: no process decides by these, spin checks them. */
byte arrived = 0;   /* messages that the reader has got */
byte finished = 0;  /* processes that have come to their end */

active proctype writer() {
    byte buffer = 0;
    do
    :: true ->
w1:     wait_while(written == 1);          /* while (shared->written == 1) sleep(1); */
        buffer++;                          /* fgets(buffer, BUFSIZ, stdin); */
#ifndef SWAP
w2:     mtext[0] = buffer;                 /* strncpy(shared->mtext, buffer, TEXT_SIZE); */
        mtext[1] = buffer;
w3:     written = 1;                       /* shared->written = 1; */
#else
        written = 1;
        mtext[0] = buffer;
        mtext[1] = buffer;
#endif
w4:     if                                 /* if (strncmp(buffer, "end", 3) == 0) break; */
        :: buffer == END -> break
        :: else -> skip
        fi
    od;
    finished++
}

active proctype reader() {
    byte message[2];
    do
    :: true ->
r1:     wait_while(written == 0);          /* while (shared->written == 0) sleep(1); */
r2:     message[0] = mtext[0];             /* copied out before the slot is given back */
        message[1] = mtext[1];
r3:     assert(message[0] == message[1]);  /* printf("%*sYou wrote: %s\n", ...): not torn, */
        assert(message[0] == arrived + 1); /* not lost, not doubled, in order */
        arrived++;
r4:     written = 0;                       /* shared->written = 0; */
#ifdef SLIDE
        message[0] = mtext[0];
#endif
r5:     if                                 /* if (strncmp(shared->mtext, "end", 3) == 0) break; */
        :: message[0] == END -> break
        :: else -> skip
        fi
    od;
    assert(arrived == END);                /* everything has arrived, "end" too */
    finished++
}

/* Both come to their end, if each gets the processor again and again (pan -a -f). */
ltl ends { <> (finished == 2) }
