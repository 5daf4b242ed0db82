#ifndef CLINUX_STARTER_H
#define CLINUX_STARTER_H

#include "linux.h"

/* Threads that start programs, so that a caller with other things to do need not stand still until a child has become
   its program. */

/* One program to start. What it refers to must stay until it is taken back. */
struct linux_start_job {
    struct linux_program program;
    /* The caller's number for it. */
    unsigned long id;
    /* When taken back: the process, or -1 and why. */
    pid_t process;
    int failure;
    struct linux_start_job *next;
};

/* Starts the threads, which inherit the caller's blocked signals.
   Gives a descriptor that polls readable while jobs are to be taken back, or -1 with errno. */
int linux_starter_open(int threads);

void linux_starter_submit(struct linux_start_job *job);

/* Takes back a job that is done; null when there is none now. */
struct linux_start_job *linux_starter_take(void);

#endif
