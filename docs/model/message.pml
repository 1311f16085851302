/* The message at byte 0 of 8-5 and 8-6, which a producer may replace while a consumer reads it.
 *
 *     MESSAGES  message 1 is there; messages 2 to MESSAGES replace it, one after the other
 *
 * The lines carry the programs' statements: p1 to p3 are the producer's (8-5), c1 to c3 the consumer's (8-6).
 *
 * -DONCE     wrong: the consumer does not check, after its copy, that nothing has changed
 * -DNOFENCE  wrong: p2 comes before p1, as it may on a real machine without a full fence between them
 */
#ifndef MESSAGES
#define MESSAGES 3
#endif

/* Stored and loaded byte by byte: a message can be seen torn. 0 is the NUL: no message. */
byte first = 1;
byte rest = 1;

active proctype producer() {
    byte message = 1;
    do
    :: message < MESSAGES ->
        message++;
#ifndef NOFENCE
p1:     first = 0;                         /* take the old message back */
p2:     rest = message;                    /* all of the new one but its first byte */
#else
        rest = message;
        first = 0;
#endif
p3:     first = message                    /* published */
    :: else -> break
    od
}

active proctype consumer() {
    byte first_copy, rest_copy, first_now, rest_now;
    do
    :: true ->
c1:     first != 0;                        /* wait for a message */
c2:     first_copy = first;                /* copy it */
        rest_copy = rest;
#ifdef ONCE
        first_now = first_copy;
        rest_now = rest_copy;
#else
c3:     first_now = first;                 /* is it still the same? */
        rest_now = rest;
#endif
        if
        :: first_copy != 0 && first_now == first_copy && rest_now == rest_copy -> break
        :: else -> skip                    /* else wait on */
        fi
    od;
    assert(first_copy == rest_copy)        /* neither empty nor torn */
}
