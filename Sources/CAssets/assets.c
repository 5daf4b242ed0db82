#include "assets.h"

static const unsigned char faasd_service[] = {
#embed "../../systemd/faasd.service"
};

static const unsigned char console_index_html[] = {
#embed "../../console/index.html"
};

static const unsigned char console_console_css[] = {
#embed "../../console/console.css"
};

static const unsigned char console_icon_svg[] = {
#embed "../../console/icon.svg"
};

static const unsigned char console_theme_js[] = {
#embed "../../console/theme.js"
};

static const unsigned char console_main_js[] = {
#embed "../../console/main.js"
};

static const unsigned char console_api_js[] = {
#embed "../../console/api.js"
};

static const unsigned char console_dom_js[] = {
#embed "../../console/dom.js"
};

static const unsigned char console_store_js[] = {
#embed "../../console/store.js"
};

static const unsigned char console_chart_js[] = {
#embed "../../console/chart.js"
};

static const unsigned char console_list_js[] = {
#embed "../../console/list.js"
};

static const unsigned char console_function_js[] = {
#embed "../../console/function.js"
};

static const unsigned char console_invoke_js[] = {
#embed "../../console/invoke.js"
};

static const unsigned char console_logs_js[] = {
#embed "../../console/logs.js"
};

static const unsigned char console_charts_js[] = {
#embed "../../console/charts.js"
};

static const unsigned char console_calls_js[] = {
#embed "../../console/calls.js"
};

static const unsigned char console_settings_js[] = {
#embed "../../console/settings.js"
};

static const unsigned char console_deploy_js[] = {
#embed "../../console/deploy.js"
};

static const unsigned char console_secrets_js[] = {
#embed "../../console/secrets.js"
};

static const unsigned char console_login_js[] = {
#embed "../../console/login.js"
};

static const unsigned char console_dialog_js[] = {
#embed "../../console/dialog.js"
};

static const unsigned char console_format_js[] = {
#embed "../../console/format.js"
};

static const faasd_asset assets[] = {
    {"faasd.service", faasd_service, sizeof faasd_service},
    {"console/index.html", console_index_html, sizeof console_index_html},
    {"console/console.css", console_console_css, sizeof console_console_css},
    {"console/icon.svg", console_icon_svg, sizeof console_icon_svg},
    {"console/theme.js", console_theme_js, sizeof console_theme_js},
    {"console/main.js", console_main_js, sizeof console_main_js},
    {"console/api.js", console_api_js, sizeof console_api_js},
    {"console/dom.js", console_dom_js, sizeof console_dom_js},
    {"console/store.js", console_store_js, sizeof console_store_js},
    {"console/chart.js", console_chart_js, sizeof console_chart_js},
    {"console/list.js", console_list_js, sizeof console_list_js},
    {"console/function.js", console_function_js, sizeof console_function_js},
    {"console/invoke.js", console_invoke_js, sizeof console_invoke_js},
    {"console/logs.js", console_logs_js, sizeof console_logs_js},
    {"console/charts.js", console_charts_js, sizeof console_charts_js},
    {"console/calls.js", console_calls_js, sizeof console_calls_js},
    {"console/settings.js", console_settings_js, sizeof console_settings_js},
    {"console/deploy.js", console_deploy_js, sizeof console_deploy_js},
    {"console/secrets.js", console_secrets_js, sizeof console_secrets_js},
    {"console/login.js", console_login_js, sizeof console_login_js},
    {"console/dialog.js", console_dialog_js, sizeof console_dialog_js},
    {"console/format.js", console_format_js, sizeof console_format_js},
};

const faasd_asset *faasd_assets(size_t *count) {
    *count = sizeof assets / sizeof assets[0];
    return assets;
}

const char *faasd_commit(void) { return FAASD_COMMIT; }
