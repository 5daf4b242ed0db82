#include "linux.h"

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
