#pragma once
#include <stddef.h>

/// A file of the folder `console`, kept in the executable byte for byte.
typedef struct {
    const char *name;
    const unsigned char *bytes;
    size_t count;
} faasd_console_file;

/// All of them. Swift cannot import arrays without a size, hence the function.
const faasd_console_file *faasd_console_files(size_t *count);
