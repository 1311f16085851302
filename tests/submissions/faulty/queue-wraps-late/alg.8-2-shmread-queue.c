#include "alg.8-0-queue.h"

int main(int argc, char *argv[])
{
    unsigned key;
    if (argc < 2 || sscanf(argv[1], "%x", &key) != 1)
        return EXIT_FAILURE;
    volatile struct queue *shared = attach("shmread", key);
    for (int last = 0; !last;) {
        while (shared->in == shared->out)
            look_again();
        char *text = (char *)shared->buffer[shared->out];
        printf(INDENT "You wrote: %s\n", text);
        last = strncmp(text, "end", 3) == 0;
        shared->out = (shared->out + 1) % (BUFFER_SIZE + 1);
    }
    return EXIT_SUCCESS;
}
