#include "assets.h"

static const unsigned char faasd_service[] = {
#embed "../../systemd/faasd.service"
};

static const faasd_asset assets[] = {
    {"faasd.service", faasd_service, sizeof faasd_service},
};

const faasd_asset *faasd_assets(size_t *count) {
    *count = sizeof assets / sizeof assets[0];
    return assets;
}

const char *faasd_commit(void) { return FAASD_COMMIT; }
