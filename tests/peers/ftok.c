/* ftok PATHNAME PROJ_ID...: prints C's key, in hexadecimal, for each project id (in hexadecimal too). */
#include "shmdata.h"

int main(int argc, char *argv[])
{
    for (int i = 2; i < argc; i++) {
        key_t key = ftok(argv[1], (int)strtol(argv[i], NULL, 16));
        if (key == -1)
            fail("ftok()");
        printf("%x\n", (unsigned)key);
    }
    return EXIT_SUCCESS;
}
