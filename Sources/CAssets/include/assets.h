#pragma once
#include <stddef.h>

/// A file of the repository, kept in the executable byte for byte.
typedef struct {
    const char *name;
    const unsigned char *bytes;
    size_t count;
} faasd_asset;

/// All embedded files. Swift cannot import arrays without a size, hence the function.
const faasd_asset *faasd_assets(size_t *count);

/// The files of the function templates, each named by its path below `template/`.
const faasd_asset *faasd_templates(size_t *count);

/// The commit that was built, or "unknown" outside a checkout.
const char *faasd_commit(void);
