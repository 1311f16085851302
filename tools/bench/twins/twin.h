/* twin.h: what the bench's C twins share: errors, waiting, shared memory that cannot be left behind, two processes.
 * Each twin is one file beside this one: gcc -O2 -o X X.c */
#ifndef TWIN_H
#define TWIN_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_S 10.0 /* a peer that does nothing for so long is dead */

static const char *me = "twin"; /* what errors begin with */

/* ---- errors ---- */

/* As perror does, then exit status 1. */
static inline _Noreturn void err_exit(const char *call) {
    fprintf(stderr, "%s: %s: %s\n", me, call, strerror(errno));
    exit(EXIT_FAILURE);
}

static inline _Noreturn __attribute__((format(printf, 1, 2))) void fail(const char *format, ...) {
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s: ", me);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(EXIT_FAILURE);
}

/* ---- the command line ---- */

/* The value of argv[*i], an option with one; moves *i onto the value. */
static inline const char *option_value(int argc, char *argv[], int *i) {
    if (*i + 1 >= argc)
        fail("%s: its value is missing", argv[*i]);
    return argv[++*i];
}

static inline long long option_number(int argc, char *argv[], int *i, long long least, long long most) {
    const char *name = argv[*i], *text = option_value(argc, argv, i);
    char *rest;
    errno = 0;
    long long number = strtoll(text, &rest, 10);
    if (errno != 0 || rest == text || *rest != '\0' || number < least || number > most)
        fail("%s %s: not a number from %lld to %lld", name, text, least, most);
    return number;
}

/* ---- time ---- */

static inline int64_t now_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static inline double seconds_since(int64_t start) {
    return (double)(now_ns() - start) * 1e-9;
}

/* ---- waiting ---- */

/* Tell the processor that this is a spin loop. */
static inline void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* A futex that other processes share: no FUTEX_PRIVATE_FLAG. A time limit costs the kernel a timer: none if NULL. */
static inline int futex_wait(int *word, int value, const struct timespec *limit) {
    return (int)syscall(SYS_futex, word, FUTEX_WAIT, value, limit, NULL, 0);
}

static inline int futex_wake(int *word) {
    return (int)syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static inline int cpus(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

static inline void pin(int cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((unsigned)cpu, &set);
    if (sched_setaffinity(0, sizeof set, &set) == -1)
        err_exit("sched_setaffinity()");
}

/* The n-th processor that this process may run on. */
static inline int nth_cpu(int n) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == -1)
        err_exit("sched_getaffinity()");
    for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, &set) && n-- == 0)
            return (int)cpu;
    }
    fail("there are not so many processors");
}

/* Spin while the word has the value: look hard at first, then let the other side have the processor.
   Returns the new value, in acquire order. Gives up on a peer that does nothing. */
static __attribute__((noinline, unused)) int spin_while(const int *word, int value, const char *peer) {
    int seen;
    for (int looks = 0; looks < 2000; looks++) {
        if ((seen = __atomic_load_n(word, __ATOMIC_ACQUIRE)) != value)
            return seen;
        if (looks >= 200)
            relax();
    }
    int64_t start = now_ns();
    for (unsigned yields = 1;; yields++) {
        for (int looks = 0; looks < 100; looks++) {
            if ((seen = __atomic_load_n(word, __ATOMIC_ACQUIRE)) != value)
                return seen;
            relax();
        }
        sched_yield();
        if (yields % 1024 == 0 && seconds_since(start) > PATIENCE_S)
            fail("the %s does nothing", peer);
    }
}

/* ---- shared memory ---- */

/* A new POSIX object of the name, all of its pages there, and unlinked: whatever happens, nothing is left.
   Returns its descriptor. */
static inline int shm_object(const char *name, size_t size) {
    int fd = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
    if (fd == -1)
        err_exit("shm_open()");
    if (shm_unlink(name) == -1)
        err_exit("shm_unlink()");
    int full = posix_fallocate(fd, 0, (off_t)size);
    if (full != 0) {
        errno = full;
        err_exit("posix_fallocate()");
    }
    return fd;
}

/* An object's memory; the descriptor is closed. */
static inline void *shm_map(int fd, size_t size) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
    if (memory == MAP_FAILED)
        err_exit("mmap()");
    close(fd);
    return memory;
}

/* The memory of a new object; name: may be NULL. */
static inline void *shm_make(const char *name, size_t size) {
    char own[64];
    if (name == NULL) {
        snprintf(own, sizeof own, "/twin-%ld", (long)getpid());
        name = own;
    }
    return shm_map(shm_object(name, size), size);
}

/* An object that somebody else has made and will unlink. */
static inline void *shm_use(const char *name, size_t *size) {
    struct stat object;
    int fd = shm_open(name, O_RDWR, 0);
    if (fd == -1)
        err_exit("shm_open()");
    if (fstat(fd, &object) == -1)
        err_exit("fstat()");
    *size = (size_t)object.st_size;
    return shm_map(fd, *size);
}

/* ---- two processes ---- */

static volatile pid_t twin_children[2];

static inline void kill_children(void) {
    for (int i = 0; i < 2; i++) {
        if (twin_children[i] > 0)
            kill(twin_children[i], SIGKILL);
    }
}

static inline void twin_kill(int sig) {
    kill_children();
    _exit(128 + sig);
}

/* A child dies with its parent, whatever the parent dies of. */
static inline void die_with(pid_t parent) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
        err_exit("prctl()");
    if (getppid() != parent)
        exit(EXIT_FAILURE);
}

/* Run two functions as two processes and wait for both. If one fails the other is ended.
   Returns the exit status: 0, what the first to fail had, or 128 + its signal. */
static inline int run_two(int (*first)(void), int (*second)(void)) {
    int (*functions[2])(void) = {first, second};
    pid_t parent = getpid();
    fflush(NULL);
    signal(SIGINT, twin_kill);
    signal(SIGTERM, twin_kill);
    signal(SIGHUP, twin_kill);
    for (int i = 0; i < 2; i++) {
        pid_t child = fork();
        if (child == -1)
            twin_kill(1);
        if (child == 0) {
            signal(SIGINT, SIG_DFL);
            signal(SIGTERM, SIG_DFL);
            signal(SIGHUP, SIG_DFL);
            die_with(parent);
            exit(functions[i]());
        }
        twin_children[i] = child;
    }

    int result = 0, status;
    for (int left = 2; left > 0;) {
        pid_t child = wait(&status);
        if (child == -1 && errno == EINTR)
            continue;
        if (child == -1)
            err_exit("wait()");
        left--;
        int i = child == twin_children[1];
        twin_children[i] = 0;
        if (status != 0 && result == 0) {
            result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            if (twin_children[!i] > 0)
                kill(twin_children[!i], SIGKILL);
        }
    }
    return result;
}

/* ---- two programs ---- */

/* Never inlined: the child of vfork runs on its caller's stack, and must find nothing there that the
   parent still needs. */
static __attribute__((noinline, unused)) pid_t start_program(const char *file, const char *argument, const char *what) {
    char *args[] = {(char *)file, (char *)argument, NULL};
    pid_t child = vfork();
    if (child == -1)
        err_exit(what);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* outlives execv */
        execv(file, args);
        _exit(127);
    }
    return child;
}

/* As the slides' controllers do: start two programs, the argument theirs, and wait for both. If one fails, all fails;
   the caller's atexit then has kill_children to end the other. */
static inline void run_programs(const char *first, const char *second, const char *argument) {
    twin_children[0] = start_program(first, argument, "1st vfork()");
    twin_children[1] = start_program(second, argument, "2nd vfork()");
    for (int left = 2; left > 0; left--) {
        int status;
        pid_t child = wait(&status);
        if (child == -1)
            err_exit("wait()");
        int i = child == twin_children[1];
        twin_children[i] = 0;
        if (status != 0)
            fail(status == 127 << 8 ? "%s: cannot be executed" : "%s failed", i == 0 ? first : second);
    }
}

#endif
