/* A producer or a consumer of numbered items on the bounded buffer of 8-4, written as a student would with
 * docs/alg8_buffer.h.
 * Usage: ring produce|consume NAME --items N [what else the controller says] */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "alg8_buffer.h"

static void produce(alg8_buffer *shared, int64_t items) {
    for (int64_t number = 1; number <= items; number++)
        while (alg8_put(shared, &number, sizeof number) == 0)
            sched_yield();
    while (alg8_put(shared, NULL, 0) == 0)
        sched_yield();
}

static int consume(alg8_buffer *shared, int64_t items) {
    int64_t number, count = 0, sum = 0, out_of_order = 0;
    for (int length;;) {
        int got = alg8_get(shared, &number, &length);
        if (got < 0)
            return EXIT_FAILURE;
        if (got == 0) {
            sched_yield();
            continue;
        }
        if (length == 0)
            break;
        count++;
        sum += number;
        out_of_order += number != count;
    }
    printf("items %ld, seconds 0.0, items/s 0, checksum %ld, lost %ld, out of order %ld\n", (long)count, (long)sum,
           (long)(items - count), (long)out_of_order);
    return EXIT_SUCCESS;
}

int main(int argc, char *argv[]) {
    struct stat object;
    if (argc < 5)
        return EXIT_FAILURE;
    int fd = shm_open(argv[2], O_RDWR, 0);
    if (fd == -1 || fstat(fd, &object) == -1) {
        perror("ring: shm_open()");
        return EXIT_FAILURE;
    }
    alg8_buffer *shared = mmap(NULL, (size_t)object.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (shared == MAP_FAILED || !alg8_fits(shared, (size_t)object.st_size) || shared->text_size != 8) {
        fprintf(stderr, "ring: no bounded buffer of items in %s\n", argv[2]);
        return EXIT_FAILURE;
    }
    int64_t items = atoll(argv[4]);
    if (argv[1][0] == 'c')
        return consume(shared, items);
    produce(shared, items);
    return EXIT_SUCCESS;
}
