#include "alg.8-0-queue.h"

int main(int argc, char *argv[])
{
    unsigned key;
    if (argc < 2 || sscanf(argv[1], "%x", &key) != 1)
        return EXIT_FAILURE;
    volatile struct queue *shared = attach("shmwrite", key);
    char line[TEXT_SIZE] = "";
    while (strncmp(line, "end", 3) != 0) {
        printf("Enter some text: ");
        if (fgets(line, sizeof line, stdin) == NULL)
            strcpy(line, "end\n");
        strcpy((char *)shared->buffer[shared->in], line);
        printf("shared buffer: %s\n", line);
        shared->in = (shared->in + 1) % BUFFER_SIZE;
    }
    return EXIT_SUCCESS;
}
