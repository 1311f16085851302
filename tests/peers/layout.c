/* layout: prints NAME VALUE, in decimal, for every size, offset and constant that C's headers hold and the suite
   repeats. An offset or a size has the C expression for its name, without blanks. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/mman.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include "shmdata.h"

/* The slides' modes, under the names that they have in C#, where there are no octal numbers. */
#define MODE_0666 0666
#define MODE_0644 0644
#define MODE_0444 0444

#define SHOW(expression) printf("%s %lld\n", #expression, (long long)(expression))

int main(void)
{
    SHOW(TEXT_SIZE);
    SHOW(TEXT_NUM);
    SHOW(PERM);
    SHOW(PROJ_ID);
    SHOW(MODE_0666);
    SHOW(MODE_0644);
    SHOW(MODE_0444);
    SHOW(EXIT_SUCCESS);
    SHOW(EXIT_FAILURE);
    SHOW(sizeof(struct shared_struct));
    SHOW(offsetof(struct shared_struct,written));
    SHOW(offsetof(struct shared_struct,mtext));
    SHOW(sizeof(((struct shared_struct*)0)->written));
    SHOW(sizeof(((struct shared_struct*)0)->mtext));

    SHOW(S_IRUSR);
    SHOW(S_IWUSR);
    SHOW(S_IRGRP);
    SHOW(S_IWGRP);
    SHOW(S_IROTH);
    SHOW(S_IWOTH);

    SHOW(IPC_CREAT);
    SHOW(IPC_EXCL);
    SHOW(IPC_NOWAIT);
    SHOW(IPC_PRIVATE);
    SHOW(IPC_RMID);
    SHOW(IPC_SET);
    SHOW(IPC_STAT);
    SHOW(IPC_INFO);
    SHOW(SHM_RDONLY);
    SHOW(SHM_RND);
    SHOW(SHM_REMAP);
    SHOW(SHM_DEST);
    SHOW(SHM_LOCKED);
    SHOW(SHM_STAT);
    SHOW(SHM_INFO);

    SHOW(sizeof(key_t));
    SHOW(sizeof(struct ipc_perm));
    SHOW(offsetof(struct ipc_perm,__key));
    SHOW(offsetof(struct ipc_perm,uid));
    SHOW(offsetof(struct ipc_perm,gid));
    SHOW(offsetof(struct ipc_perm,cuid));
    SHOW(offsetof(struct ipc_perm,cgid));
    SHOW(offsetof(struct ipc_perm,mode));
    SHOW(offsetof(struct ipc_perm,__seq));
    SHOW(sizeof(struct shmid_ds));
    SHOW(offsetof(struct shmid_ds,shm_perm));
    SHOW(offsetof(struct shmid_ds,shm_segsz));
    SHOW(offsetof(struct shmid_ds,shm_atime));
    SHOW(offsetof(struct shmid_ds,shm_dtime));
    SHOW(offsetof(struct shmid_ds,shm_ctime));
    SHOW(offsetof(struct shmid_ds,shm_cpid));
    SHOW(offsetof(struct shmid_ds,shm_lpid));
    SHOW(offsetof(struct shmid_ds,shm_nattch));

    SHOW(SYS_futex);
    SHOW(FUTEX_WAIT);
    SHOW(FUTEX_WAKE);
    SHOW(FUTEX_PRIVATE_FLAG);

    SHOW(O_RDONLY);
    SHOW(O_WRONLY);
    SHOW(O_RDWR);
    SHOW(O_CREAT);
    SHOW(O_EXCL);
    SHOW(O_TRUNC);
    SHOW(O_NOFOLLOW);
    SHOW(O_CLOEXEC);
    SHOW(PROT_NONE);
    SHOW(PROT_READ);
    SHOW(PROT_WRITE);
    SHOW(MAP_SHARED);
    SHOW(MAP_PRIVATE);
    SHOW(MADV_POPULATE_READ);
    SHOW(MADV_POPULATE_WRITE);
    return EXIT_SUCCESS;
}
