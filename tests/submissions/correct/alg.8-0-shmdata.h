/* Algorithm 8-0, as a student hands it in: what the six programs agree on. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEXT_SIZE (4 * 1024)
#define TEXT_NUM 1
#define PERM (S_IRUSR | S_IWUSR | IPC_CREAT)
#define SIZE (TEXT_NUM * sizeof(struct shared_struct))
#define INDENT "                              "

/* The lecture sleeps for a second; the tests have less time. */
#define look_again() usleep(20 * 1000)

#define ERR_EXIT(m) do { perror(m); exit(EXIT_FAILURE); } while (0)

struct shared_struct {
    int written;
    char mtext[TEXT_SIZE];
};
