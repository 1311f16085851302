/* A producer that tries to do harm first: it is one only where all of it was in vain. Compiled with the names of what there
   is outside: FOLDER, anybody's to write into; SEGMENT, a shmid; OBJECT, in /dev/shm. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <unistd.h>

static int harm;

static void done(int is, const char *what)
{
    if (is) {
        fprintf(stderr, "could %s\n", what);
        harm = 1;
    }
}

static int can_open(const char *path, int flags)
{
    int fd = open(path, flags, 0666);
    if (fd != -1)
        close(fd);
    return fd != -1;
}

static int can_connect(void)
{
    struct sockaddr_in there = { .sin_family = AF_INET, .sin_port = htons(9) };
    inet_pton(AF_INET, "192.0.2.1", &there.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    return connect(fd, (struct sockaddr *)&there, sizeof there) == 0 || errno == EINPROGRESS;
}

int main(int argc, char *argv[])
{
    signal(SIGTERM, SIG_IGN);
    for (int signo = 1; signo < 32; signo++)
        if (signo != SIGCONT && signo != SIGCHLD && getuid() != 0) /* as root inside, it would end the one who watches: its own loss */
            kill(1, signo);
    kill(1, SIGKILL);

    done(shmctl(SEGMENT, IPC_RMID, 0) == 0, "remove a segment of others");
    done(shm_unlink(OBJECT) == 0, "unlink an object of others");
    done(can_open(FOLDER "/made", O_CREAT | O_WRONLY), "write outside");
    done(can_open("/usr/made", O_CREAT | O_WRONLY), "write into /usr");
    done(can_open("/etc/shadow", O_RDONLY), "read /etc/shadow");
    done(can_open("/proc/1/mem", O_RDWR), "write into who watches it");
    done(can_open("/proc/sysrq-trigger", O_WRONLY), "reach the kernel");
    done(can_connect(), "reach a network");

    long megabytes = 0;
    for (char *memory; megabytes < 2000 && (memory = malloc(1 << 20)) != NULL; megabytes++)
        memset(memory, 1, 1 << 20);
    done(megabytes >= 1000, "have a gigabyte of memory");
    long shared = 0;
    for (int id; shared < 2000 && (id = shmget(IPC_PRIVATE, 1 << 20, 0600 | IPC_CREAT)) != -1; shared++)
        memset(shmat(id, 0, 0), 1, 1 << 20);
    done(shared >= 1000 && getuid() != 0, "have a gigabyte of shared memory"); /* only root may set this limit on every kernel */
    pid_t child[2000];
    int children = 0;
    for (; children < 2000 && (child[children] = fork()) != -1; children++)
        if (child[children] == 0) {
            setsid();
            for (;;)
                pause();
        }
    done(children >= 500, "start hundreds of processes");
    for (int i = 1; i < children; i++) /* one stays */
        kill(child[i], SIGKILL);

    int fd = shm_open(argc > 1 ? argv[1] : "", O_RDWR, 0);
    char *object = fd == -1 ? MAP_FAILED : mmap(0, 4100, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (object == MAP_FAILED)
        return EXIT_FAILURE;
    strcpy(object, harm ? "harm" : "Hello World!");
    printf("produced message: %s\n", object);
    return EXIT_SUCCESS;
}
