/* What the C peers share with the programs under test: the layout and the agreed numbers. */
#ifndef SHMDATA_H
#define SHMDATA_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/stat.h>

#define TEXT_SIZE (4 * 1024)
#define TEXT_NUM 1
#define PERM (S_IRUSR | S_IWUSR | IPC_CREAT)
#define PROJ_ID 0x27

/* Microseconds between two looks at `written`, and before the exit. The lecture's is a whole second;
   the tests compile the peers with less. */
#ifndef INTERVAL
#define INTERVAL 1000000
#endif

struct shared_struct {
    int written;
    char mtext[TEXT_SIZE];
};

static inline void fail(const char *call)
{
    perror(call);
    exit(EXIT_FAILURE);
}

#endif
