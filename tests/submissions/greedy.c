/* A producer whose processes take little memory each, and 300 MB together: of their own, or, compiled with SHARED, of one
   mapping that they share. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef SHARED
#define KIND MAP_SHARED
#else
#define KIND MAP_PRIVATE
#endif

int main(void)
{
    for (int i = 0; i < 12; i++)
        if (fork() == 0) {
            size_t size = 25000000;
            memset(mmap(NULL, size, PROT_READ | PROT_WRITE, KIND | MAP_ANONYMOUS, -1, 0), 1, size);
            for (;;)
                pause();
        }
    for (;;)
        pause();
}
