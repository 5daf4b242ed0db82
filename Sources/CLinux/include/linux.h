#ifndef CLINUX_LINUX_H
#define CLINUX_LINUX_H

/* What Linux's libc offers and Swift's Glibc module does not show: headers it leaves out, functions that keep behind
   _GNU_SOURCE, and the one thing that cannot be written in Swift: what runs between fork and exec. */
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/types.h>

int pipe2(int descriptors[2], int flags);
int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);
int close_range(unsigned first, unsigned last, int flags);
int memfd_create(const char *name, unsigned flags);

/* The process's arguments and environment as the kernel has passed them: two lists of strings, each up to a null
   pointer. Swift's CommandLine reads /proc/self/cmdline, which not every root has. */
char **linux_arguments(void);
char **linux_environment(void);

/* Takes the program's own code and constants out of this process's memory, and gives free heap back. What is used again
   is mapped again, from the same file in the page cache; what only the start or a burst of calls has needed, most of it,
   does not count any more. */
void linux_forget_unused(void);

/* Opens a file below a directory, for reading and not to be inherited, so that no path and no link leads out of it.
   Gives the descriptor, or -1 with errno: ENOSYS or EPERM where the kernel cannot or must not do so. */
int linux_open_beneath(int directory, const char *path);

/* A program to start: its file, argument and environment lists, and the descriptors that become its 0, 1, 2 and, when
   not negative, 3. */
struct linux_program {
    const char *file;
    char *const *arguments;
    char *const *environment;
    int descriptors[4];
};

/* Starts a program in a process group of its own, with no signal blocked and SIGPIPE as by default. As the child
   borrows the caller's memory up to exec, its price does not grow with the caller's size; the calling thread waits, and
   there must be no signal handlers. Gives the process, or -1 with errno, also when it was exec that failed. */
pid_t linux_start(const struct linux_program *program);

#endif
