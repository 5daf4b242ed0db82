#include "linux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <malloc.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static char **arguments;

/* glibc calls constructors with what main gets. */
__attribute__((constructor)) static void keep_arguments(int count, char **vector)
{
    (void)count;
    arguments = vector;
}

char **linux_arguments(void) { return arguments; }

char **linux_environment(void) { return environ; }

void linux_forget_unused(void)
{
    extern const char __executable_start, etext;
    const unsigned long page = 4096;
    char *start = (char *)((unsigned long)&__executable_start & ~(page - 1));
    unsigned long length = (unsigned long)&etext - (unsigned long)start;
    length = (length + page - 1) & ~(page - 1);
    /* Else one instruction could bring 2 MiB of it back. */
    madvise(start, length, MADV_NOHUGEPAGE);
    madvise(start, length, MADV_DONTNEED);
    malloc_trim(0);
}

int linux_open_beneath(int directory, const char *path)
{
    /* Not blocking, as opening a FIFO for reading would. */
    struct open_how how = {
        .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    return syscall(SYS_openat2, directory, path, &how, sizeof how);
}

/* The child, up to exec. It runs in the parent's memory while the parent stands still: nothing but system calls. */
static void become(const struct linux_program *program)
{
    setpgid(0, 0);
    for (int number = 0; number < 4; number++) {
        int descriptor = program->descriptors[number];
        if (descriptor < 0) continue;
        /* dup2 of a descriptor to itself would leave it close-on-exec. */
        int outcome = descriptor == number ? fcntl(number, F_SETFD, 0) : dup2(descriptor, number);
        if (outcome < 0) return;
    }
    signal(SIGPIPE, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, 0);
    execve(program->file, program->arguments, program->environment);
}

pid_t linux_start(const struct linux_program *program)
{
    /* Written by the child. */
    volatile int failure = 0;
    pid_t process = vfork();
    if (process == 0) {
        become(program);
        failure = errno;
        _exit(127);
    }
    if (process < 0 || failure == 0) return process;
    while (waitpid(process, 0, 0) < 0 && errno == EINTR) continue;
    errno = failure;
    return -1;
}
