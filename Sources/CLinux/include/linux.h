#ifndef CLINUX_LINUX_H
#define CLINUX_LINUX_H

/* What Linux's libc offers and Swift's Glibc module does not show: two headers it leaves out, and
   functions that <unistd.h> and <sys/socket.h> keep behind _GNU_SOURCE. */
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

int pipe2(int descriptors[2], int flags);
int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);
int close_range(unsigned first, unsigned last, int flags);

/* The process's arguments and environment as the kernel has passed them: two lists of strings, each up to a null
   pointer. Swift's CommandLine reads /proc/self/cmdline, which not every root has. */
char **linux_arguments(void);
char **linux_environment(void);

#endif
