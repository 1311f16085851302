/*
 * replace PATH LENGTH: replaces the message at byte 0 of an object, as 8-5 does, all the time: LENGTH times a, then b,
 * and so on to z, and over again. Ends with its standard input.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

int main(int argc, char *argv[]) {
    if (argc != 3)
        return 1;
    int fd = open(argv[1], O_RDWR), length = atoi(argv[2]);
    char *text = mmap(NULL, 4100, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (text == MAP_FAILED)
        return 1;

    puts("replacing");
    fflush(stdout);
    struct pollfd input = {.fd = 0, .events = POLLIN};
    for (int round = 0; round % 1000 != 0 || poll(&input, 1, 0) == 0; round++) {
        char letter = 'a' + round % 26;
        __atomic_store_n(text, 0, __ATOMIC_SEQ_CST);
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        for (int i = 1; i < length; i++)
            __atomic_store_n(text + i, letter, __ATOMIC_RELAXED);
        text[length] = 0;
        __atomic_store_n(text, letter, __ATOMIC_RELEASE);
        for (volatile int pause = 0; pause < 3000; pause++)
            ;
    }
    return 0;
}
