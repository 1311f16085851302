/* A producer that tries to do harm first: it is one only where all of it was in vain. Compiled with the names of what there
   is outside: FOLDER, anybody's to write into; SEGMENT, a shmid; OBJECT, in /dev/shm; SANDBOX, whether
   it should be in one: without, a user sees this machine's files, and reaches its network. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int harm;

static const char *folders[] = { "/tmp", "/dev/shm", "." };

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

static int succeeds(long call, long first, long second, long third)
{
    return syscall(call, first, second, third, 0, 0) >= 0;
}

static int has_capabilities(void)
{
    char line[200];
    int has = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status != NULL && fgets(line, sizeof line, status) != NULL)
        has |= strncmp(line, "Cap", 3) == 0 && strncmp(line, "CapBnd", 6) != 0 && strtoull(line + 7, NULL, 16) != 0;
    return has;
}

/* The user that is root outside must be none of this namespace. */
static int maps_root(void)
{
    unsigned inside, outside, count;
    FILE *map = fopen("/proc/self/uid_map", "r");
    int maps = 0;
    while (map != NULL && fscanf(map, "%u %u %u", &inside, &outside, &count) == 3)
        maps |= outside == 0;
    return maps;
}

/* What no lab needs: each of these succeeds, as any user or as root in a namespace, where no filter denies it. */
static void try_calls(void)
{
    struct rlimit none = { 0, 0 };
    int memory[64];
    char keys[4096];

    done(succeeds(SYS_keyctl, 0, -3, 0), "reach a session keyring");
    done(succeeds(SYS_keyctl, 11, -3, (long)keys), "read a session keyring");
    done(succeeds(SYS_add_key, (long)"user", (long)"alg8", (long)"x"), "add a key");
    done(succeeds(SYS_memfd_create, (long)"alg8", 0, 0), "have memory that no process maps");
    done(succeeds(SYS_io_uring_setup, 4, (long)memory, 0), "have an io_uring");
    done(succeeds(SYS_perf_event_open, (long)memory, 0, -1), "watch the processor");
    done(socket(40, SOCK_STREAM, 0) != -1, "leave a virtual machine"); /* AF_VSOCK */
    done(socket(38, SOCK_SEQPACKET, 0) != -1, "reach the kernel's ciphers"); /* AF_ALG */
    done(setrlimit(RLIMIT_CORE, &none) == 0, "hand its core to another program");
    done(succeeds(SYS_unshare, CLONE_NEWUSER, 0, 0), "have a user namespace");
    pid_t child = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
    if (child == 0)
        _exit(0);
    done(child != -1, "have a child with a user namespace");
    done(mount("none", "/tmp", "tmpfs", 0, "size=20g") == 0, "mount a file system");
    done(ptrace(PTRACE_ATTACH, getppid(), 0, 0) == 0, "trace who started it");
}

int main(int argc, char *argv[])
{
    for (int fd = 3; fd < 256 && getenv("ALG8_CONTROLLER") == NULL; fd++) /* the suite's controllers give their children pipes */
        done(fcntl(fd, F_GETFD) != -1, "use a descriptor of others");
    done(has_capabilities(), "have a capability");
    done(SANDBOX && maps_root(), "be root");
    done(getuid() != 0 && setuid(0) == 0, "become root");
    try_calls();
    signal(SIGTERM, SIG_IGN);
    for (int signo = 1; signo < 32; signo++)
        if (signo != SIGCONT && signo != SIGCHLD && getuid() != 0) /* as root inside, it would end the one who watches: its own loss */
            kill(1, signo);
    kill(1, SIGKILL);

    done(shmctl(SEGMENT, IPC_RMID, 0) == 0, "remove a segment of others");
    done(shm_unlink(OBJECT) == 0, "unlink an object of others");
    done(SANDBOX && can_open(FOLDER "/made", O_CREAT | O_WRONLY), "write outside");
    done(can_open("/usr/made", O_CREAT | O_WRONLY), "write into /usr");
    done(can_open("/etc/shadow", O_RDONLY), "read /etc/shadow");
    done(can_open("/proc/1/mem", O_RDWR), "write into who watches it");
    done(can_open("/proc/sysrq-trigger", O_WRONLY), "reach the kernel");
    done(SANDBOX && can_connect(), "reach a network");

    long megabytes = 0;
    for (char *memory; megabytes < 2000 && (memory = malloc(1 << 20)) != NULL; megabytes++)
        memset(memory, 1, 1 << 20);
    done(megabytes >= 1000, "have a gigabyte of memory");
    long shared = 0;
    for (int id; shared < 2000 && (id = shmget(IPC_PRIVATE, 1 << 20, 0600 | IPC_CREAT)) != -1; shared++)
        memset(shmat(id, 0, 0), 1, 1 << 20);
    done(SANDBOX && shared >= 1000 && getuid() != 0, "have a gigabyte of shared memory"); /* only root may set this limit on every kernel */
    for (int id = 0; id < 2000; id++)
        shmctl(id, IPC_RMID, 0);

    /* Each of 8 MB, in turn in all that it may write into: one limit is for all of it. */
    char path[64];
    int files = 0;
    for (; files < 40; files++) {
        snprintf(path, sizeof path, "%s/alg8-file%d", folders[files % 3], files);
        int fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);
        if (fd == -1 || posix_fallocate(fd, 0, 8 << 20) != 0)
            break;
        close(fd);
    }
    done(SANDBOX && files >= 9, "have more files than one limit allows");
    for (int i = 0; i < 40; i++) {
        snprintf(path, sizeof path, "%s/alg8-file%d", folders[i % 3], i);
        unlink(path);
    }

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
