#include "assets.h"

static const unsigned char faasd_service[] = {
#embed "../../systemd/faasd.service"
};

static const unsigned char faasd_socket[] = {
#embed "../../systemd/faasd.socket"
};

static const faasd_asset assets[] = {
    {"faasd.socket", faasd_socket, sizeof faasd_socket},
    {"faasd.service", faasd_service, sizeof faasd_service},
};

const faasd_asset *faasd_assets(size_t *count) {
    *count = sizeof assets / sizeof assets[0];
    return assets;
}

const char *faasd_commit(void) { return FAASD_COMMIT; }
