/*
 * alg8_buffer.h: the lecture's bounded buffer in shared memory, for C programs (C11, gcc or clang).
 * The layout is that of alg8-0-shmdata: a C program and a C# program share one buffer and cannot tell
 * each other apart. One producer, one consumer; more than one of either need mutual exclusion of their own.
 *
 *     offset   0   int in             next free position; only the producer stores it
 *     offset   4   int in_sleeps      not 0 while the consumer sleeps on in: see alg8_sleep
 *     offset  64   int out            first full position; only the consumer stores it
 *     offset  68   int out_sleeps     not 0 while the producer sleeps on out
 *     offset 128   int buffer_size    set by the controller
 *     offset 132   int text_size      set by the controller
 *     offset 192   item buffer[buffer_size]; item = { int length; char mtext[text_size]; }, aligned to 64 bytes
 *
 * in, out and what both only read have a cache line each: no store takes a line from the other side in vain.
 */
#ifndef ALG8_BUFFER_H
#define ALG8_BUFFER_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ALG8_LINE 64 /* bytes in a cache line */

typedef struct {
    int length;   /* bytes in mtext; an item of length 0 ends the stream */
    char mtext[]; /* text_size bytes */
} alg8_item;

typedef struct {
    _Alignas(ALG8_LINE) int in;
    int in_sleeps;
    _Alignas(ALG8_LINE) int out;
    int out_sleeps;
    _Alignas(ALG8_LINE) int buffer_size;
    int text_size;
    _Alignas(ALG8_LINE) unsigned char buffer[]; /* items: alg8_at(shared, i), not buffer[i] */
} alg8_buffer;

_Static_assert(sizeof(int) == 4, "int has 4 bytes, as in C#");
_Static_assert(offsetof(alg8_item, length) == 0, "length is at 0 of an item");
_Static_assert(offsetof(alg8_item, mtext) == 4, "mtext is at 4 of an item");
_Static_assert(offsetof(alg8_buffer, in) == 0, "in is at 0");
_Static_assert(offsetof(alg8_buffer, in_sleeps) == 4, "in_sleeps is at 4");
_Static_assert(offsetof(alg8_buffer, out) == 64, "out is at 64");
_Static_assert(offsetof(alg8_buffer, out_sleeps) == 68, "out_sleeps is at 68");
_Static_assert(offsetof(alg8_buffer, buffer_size) == 128, "buffer_size is at 128");
_Static_assert(offsetof(alg8_buffer, text_size) == 132, "text_size is at 132");
_Static_assert(offsetof(alg8_buffer, buffer) == 192, "buffer is at 192");
_Static_assert(sizeof(alg8_buffer) == 192, "nothing lies between the header and the buffer");

/* ---- in and out ----
   Who stores its index has done with the item (release); who sees the new index sees the item too (acquire).
   One's own index needs neither: nobody else stores it. */

static inline int alg8_load(const int *index) {
    return __atomic_load_n(index, __ATOMIC_ACQUIRE);
}

static inline void alg8_store(int *index, int value) {
    __atomic_store_n(index, value, __ATOMIC_RELEASE);
}

/* ---- the memory ---- */

/* Bytes from one item to the next: length and text, rounded up to whole cache lines.
   text_size 8 makes 64, text_size 4096 makes 4160. */
static inline size_t alg8_item_size(int text_size) {
    return (sizeof(int) + (size_t)text_size + ALG8_LINE - 1) / ALG8_LINE * ALG8_LINE;
}

/* Bytes of shared memory for a buffer: what to give to ftruncate or shmget.
   0 if there is no such buffer: buffer_size below 2 holds nothing, text_size must be at least 1,
   and the whole must fit an off_t. */
static inline size_t alg8_shm_size(int buffer_size, int text_size) {
    if (buffer_size < 2 || text_size < 1)
        return 0;
    size_t item_size = alg8_item_size(text_size);
    if ((size_t)buffer_size > (PTRDIFF_MAX - sizeof(alg8_buffer)) / item_size)
        return 0;
    return sizeof(alg8_buffer) + (size_t)buffer_size * item_size;
}

/* The controller's part: an empty buffer, before either side looks at it. */
static inline void alg8_init(alg8_buffer *shared, int buffer_size, int text_size) {
    shared->in = shared->in_sleeps = 0;
    shared->out = shared->out_sleeps = 0;
    shared->text_size = text_size;
    alg8_store(&shared->buffer_size, buffer_size);
}

/* 1 if shm_size bytes of shared memory (fstat or shmctl tell) hold such a buffer: ask before you use it. */
static inline int alg8_fits(const alg8_buffer *shared, size_t shm_size) {
    if (shm_size < sizeof(alg8_buffer))
        return 0;
    size_t needed = alg8_shm_size(shared->buffer_size, shared->text_size);
    return needed != 0 && needed <= shm_size && shared->in >= 0 && shared->in < shared->buffer_size &&
           shared->out >= 0 && shared->out < shared->buffer_size;
}

/* buffer[i] of the slide. */
static inline alg8_item *alg8_at(alg8_buffer *shared, int i) {
    return (alg8_item *)(void *)(shared->buffer + (size_t)i * alg8_item_size(shared->text_size));
}

/* (i + 1) % BUFFER_SIZE of the slide, without its division. */
static inline int alg8_next(const alg8_buffer *shared, int i) {
    return i + 1 == shared->buffer_size ? 0 : i + 1;
}

/* ---- empty and full ---- */

/* The buffer is empty when in is equal to out. */
static inline int alg8_is_empty(const alg8_buffer *shared) {
    return alg8_load(&shared->in) == alg8_load(&shared->out);
}

/* The buffer is full when (in + 1) % BUFFER_SIZE is equal to out: it holds BUFFER_SIZE - 1 items. */
static inline int alg8_is_full(const alg8_buffer *shared) {
    return alg8_next(shared, alg8_load(&shared->in)) == alg8_load(&shared->out);
}

/* ---- the producer ---- */

/* The next free position, to be filled in place; NULL: buffer full, do nothing. */
static inline alg8_item *alg8_free_position(alg8_buffer *shared) {
    int in = __atomic_load_n(&shared->in, __ATOMIC_RELAXED);
    return alg8_next(shared, in) == alg8_load(&shared->out) ? NULL : alg8_at(shared, in);
}

/* in = (in + 1) % BUFFER_SIZE: what was filled is the consumer's now. */
static inline void alg8_produced(alg8_buffer *shared) {
    alg8_store(&shared->in, alg8_next(shared, __atomic_load_n(&shared->in, __ATOMIC_RELAXED)));
}

/* Put one item: 1 if it is in the buffer, 0 if the buffer is full, -1 if length is not within 0 to text_size. */
static inline int alg8_put(alg8_buffer *shared, const void *text, int length) {
    if (length < 0 || length > shared->text_size)
        return -1;
    alg8_item *next_produced = alg8_free_position(shared);
    if (next_produced == NULL)
        return 0;
    next_produced->length = length;
    if (length > 0)
        memcpy(next_produced->mtext, text, (size_t)length);
    alg8_produced(shared);
    return 1;
}

/* ---- the consumer ---- */

/* The first full position, to be read in place; NULL: buffer empty, do nothing. */
static inline alg8_item *alg8_full_position(alg8_buffer *shared) {
    int out = __atomic_load_n(&shared->out, __ATOMIC_RELAXED);
    return alg8_load(&shared->in) == out ? NULL : alg8_at(shared, out);
}

/* out = (out + 1) % BUFFER_SIZE: the position is the producer's now; no byte of it may be looked at any more. */
static inline void alg8_consumed(alg8_buffer *shared) {
    alg8_store(&shared->out, alg8_next(shared, __atomic_load_n(&shared->out, __ATOMIC_RELAXED)));
}

/* Get one item into text, which has room for text_size bytes: 1 and its length, 0 if the buffer is empty,
   -1 if the item's length cannot be (the item stays where it is). */
static inline int alg8_get(alg8_buffer *shared, void *text, int *length) {
    const alg8_item *next_consumed = alg8_full_position(shared);
    if (next_consumed == NULL)
        return 0;
    int bytes = next_consumed->length;
    if (bytes < 0 || bytes > shared->text_size)
        return -1;
    if (bytes > 0)
        memcpy(text, next_consumed->mtext, (size_t)bytes);
    *length = bytes;
    alg8_consumed(shared);
    return 1;
}

/* ---- sleeping, for those who do not want to spin ----
   A side that is about to sleep in futex(2) on the other's index says so, and the kernel looks at the index once more;
   who has stored an index wakes the other side only if it sleeps. Both do store, fence, load, so that one of them sees
   the other's store, and no wake is lost. As each index has, in_sleeps and out_sleeps have one side that stores them:
   a waker that cleared the word could clear the one that was just set for the next sleep.

       consumer:  while ((in = alg8_load(&shared->in)) == out) {       producer:  alg8_produced(shared);
                      alg8_sleep(&shared->in_sleeps);                             if (alg8_wake(&shared->in_sleeps))
                      futex(&shared->in, FUTEX_WAIT, in, 200 ms);                     futex(&shared->in, FUTEX_WAKE, 1);
                      alg8_awake(&shared->in_sleeps);
                  }

   A side that spins need not ask after each item: it is enough to ask before it waits itself, and at its end.
   A peer may know nothing of all this and wake nobody: so a sleeper looks for itself from time to time. The futex
   is a shared one: with FUTEX_PRIVATE_FLAG it would never wake another process. */

/* Say that this side is about to sleep. */
static inline void alg8_sleep(int *sleeps) {
    __atomic_store_n(sleeps, 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* Say that this side is awake. */
static inline void alg8_awake(int *sleeps) {
    __atomic_store_n(sleeps, 0, __ATOMIC_RELAXED);
}

/* Asked after one's own index was stored: 1 if the other side sleeps, or is about to. */
static inline int alg8_wake(const int *sleeps) {
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return __atomic_load_n(sleeps, __ATOMIC_RELAXED) != 0;
}

#endif
