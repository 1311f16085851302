/* A producer whose processes take little memory each, and 300 MB together. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
    for (int i = 0; i < 12; i++)
        if (fork() == 0) {
            size_t size = 25000000;
            memset(malloc(size), 1, size);
            for (;;)
                pause();
        }
    for (;;)
        pause();
}
