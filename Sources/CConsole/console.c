#include "console.h"

static const unsigned char api_js[] = {
#embed "../../console/api.js"
};

static const unsigned char calls_js[] = {
#embed "../../console/calls.js"
};

static const unsigned char chart_js[] = {
#embed "../../console/chart.js"
};

static const unsigned char charts_js[] = {
#embed "../../console/charts.js"
};

static const unsigned char console_css[] = {
#embed "../../console/console.css"
};

static const unsigned char deploy_js[] = {
#embed "../../console/deploy.js"
};

static const unsigned char dialog_js[] = {
#embed "../../console/dialog.js"
};

static const unsigned char dom_js[] = {
#embed "../../console/dom.js"
};

static const unsigned char format_js[] = {
#embed "../../console/format.js"
};

static const unsigned char function_js[] = {
#embed "../../console/function.js"
};

static const unsigned char icon_svg[] = {
#embed "../../console/icon.svg"
};

static const unsigned char index_html[] = {
#embed "../../console/index.html"
};

static const unsigned char invoke_js[] = {
#embed "../../console/invoke.js"
};

static const unsigned char list_js[] = {
#embed "../../console/list.js"
};

static const unsigned char login_js[] = {
#embed "../../console/login.js"
};

static const unsigned char logs_js[] = {
#embed "../../console/logs.js"
};

static const unsigned char main_js[] = {
#embed "../../console/main.js"
};

static const unsigned char secrets_js[] = {
#embed "../../console/secrets.js"
};

static const unsigned char settings_js[] = {
#embed "../../console/settings.js"
};

static const unsigned char store_js[] = {
#embed "../../console/store.js"
};

static const unsigned char theme_js[] = {
#embed "../../console/theme.js"
};

static const faasd_console_file files[] = {
    {"api.js", api_js, sizeof api_js},
    {"calls.js", calls_js, sizeof calls_js},
    {"chart.js", chart_js, sizeof chart_js},
    {"charts.js", charts_js, sizeof charts_js},
    {"console.css", console_css, sizeof console_css},
    {"deploy.js", deploy_js, sizeof deploy_js},
    {"dialog.js", dialog_js, sizeof dialog_js},
    {"dom.js", dom_js, sizeof dom_js},
    {"format.js", format_js, sizeof format_js},
    {"function.js", function_js, sizeof function_js},
    {"icon.svg", icon_svg, sizeof icon_svg},
    {"index.html", index_html, sizeof index_html},
    {"invoke.js", invoke_js, sizeof invoke_js},
    {"list.js", list_js, sizeof list_js},
    {"login.js", login_js, sizeof login_js},
    {"logs.js", logs_js, sizeof logs_js},
    {"main.js", main_js, sizeof main_js},
    {"secrets.js", secrets_js, sizeof secrets_js},
    {"settings.js", settings_js, sizeof settings_js},
    {"store.js", store_js, sizeof store_js},
    {"theme.js", theme_js, sizeof theme_js},
};

const faasd_console_file *faasd_console_files(size_t *count) {
    *count = sizeof files / sizeof files[0];
    return files;
}
