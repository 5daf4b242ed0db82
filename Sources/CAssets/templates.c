#include "assets.h"

// The files of templates/template, which `faas-cli` puts into a user's folder. A test holds the list against the folder.

static const unsigned char template_bash_Dockerfile[] = {
#embed "../../templates/template/bash/Dockerfile" if_empty(0)
};
static const unsigned char template_bash_entry_sh[] = {
#embed "../../templates/template/bash/entry.sh" if_empty(0)
};
static const unsigned char template_bash_function_handler_sh[] = {
#embed "../../templates/template/bash/function/handler.sh" if_empty(0)
};
static const unsigned char template_bash_template_yml[] = {
#embed "../../templates/template/bash/template.yml" if_empty(0)
};
static const unsigned char template_dockerfile_function_Dockerfile[] = {
#embed "../../templates/template/dockerfile/function/Dockerfile" if_empty(0)
};
static const unsigned char template_dockerfile_template_yml[] = {
#embed "../../templates/template/dockerfile/template.yml" if_empty(0)
};
static const unsigned char template_node_Dockerfile[] = {
#embed "../../templates/template/node/Dockerfile" if_empty(0)
};
static const unsigned char template_node_function_handler_js[] = {
#embed "../../templates/template/node/function/handler.js" if_empty(0)
};
static const unsigned char template_node_function_package_json[] = {
#embed "../../templates/template/node/function/package.json" if_empty(0)
};
static const unsigned char template_node_index_js[] = {
#embed "../../templates/template/node/index.js" if_empty(0)
};
static const unsigned char template_node_template_yml[] = {
#embed "../../templates/template/node/template.yml" if_empty(0)
};
static const unsigned char template_python3_http_Dockerfile[] = {
#embed "../../templates/template/python3-http/Dockerfile" if_empty(0)
};
static const unsigned char template_python3_http_function_handler_py[] = {
#embed "../../templates/template/python3-http/function/handler.py" if_empty(0)
};
static const unsigned char template_python3_http_function_requirements_txt[] = {
#embed "../../templates/template/python3-http/function/requirements.txt" if_empty(0)
};
static const unsigned char template_python3_http_index_py[] = {
#embed "../../templates/template/python3-http/index.py" if_empty(0)
};
static const unsigned char template_python3_http_template_yml[] = {
#embed "../../templates/template/python3-http/template.yml" if_empty(0)
};
static const unsigned char template_python3_Dockerfile[] = {
#embed "../../templates/template/python3/Dockerfile" if_empty(0)
};
static const unsigned char template_python3_function_handler_py[] = {
#embed "../../templates/template/python3/function/handler.py" if_empty(0)
};
static const unsigned char template_python3_function_requirements_txt[] = {
#embed "../../templates/template/python3/function/requirements.txt" if_empty(0)
};
static const unsigned char template_python3_index_py[] = {
#embed "../../templates/template/python3/index.py" if_empty(0)
};
static const unsigned char template_python3_template_yml[] = {
#embed "../../templates/template/python3/template.yml" if_empty(0)
};
static const unsigned char template_swift_Dockerfile[] = {
#embed "../../templates/template/swift/Dockerfile" if_empty(0)
};
static const unsigned char template_swift_function_handler_swift[] = {
#embed "../../templates/template/swift/function/handler.swift" if_empty(0)
};
static const unsigned char template_swift_main_swift[] = {
#embed "../../templates/template/swift/main.swift" if_empty(0)
};
static const unsigned char template_swift_template_yml[] = {
#embed "../../templates/template/swift/template.yml" if_empty(0)
};

static const faasd_asset templates[] = {
    {"bash/Dockerfile", template_bash_Dockerfile, sizeof template_bash_Dockerfile},
    {"bash/entry.sh", template_bash_entry_sh, sizeof template_bash_entry_sh},
    {"bash/function/handler.sh", template_bash_function_handler_sh, sizeof template_bash_function_handler_sh},
    {"bash/template.yml", template_bash_template_yml, sizeof template_bash_template_yml},
    {"dockerfile/function/Dockerfile", template_dockerfile_function_Dockerfile,
     sizeof template_dockerfile_function_Dockerfile},
    {"dockerfile/template.yml", template_dockerfile_template_yml, sizeof template_dockerfile_template_yml},
    {"node/Dockerfile", template_node_Dockerfile, sizeof template_node_Dockerfile},
    {"node/function/handler.js", template_node_function_handler_js, sizeof template_node_function_handler_js},
    {"node/function/package.json", template_node_function_package_json, sizeof template_node_function_package_json},
    {"node/index.js", template_node_index_js, sizeof template_node_index_js},
    {"node/template.yml", template_node_template_yml, sizeof template_node_template_yml},
    {"python3-http/Dockerfile", template_python3_http_Dockerfile, sizeof template_python3_http_Dockerfile},
    {"python3-http/function/handler.py", template_python3_http_function_handler_py,
     sizeof template_python3_http_function_handler_py},
    {"python3-http/function/requirements.txt", template_python3_http_function_requirements_txt, 0},
    {"python3-http/index.py", template_python3_http_index_py, sizeof template_python3_http_index_py},
    {"python3-http/template.yml", template_python3_http_template_yml, sizeof template_python3_http_template_yml},
    {"python3/Dockerfile", template_python3_Dockerfile, sizeof template_python3_Dockerfile},
    {"python3/function/handler.py", template_python3_function_handler_py, sizeof template_python3_function_handler_py},
    {"python3/function/requirements.txt", template_python3_function_requirements_txt, 0},
    {"python3/index.py", template_python3_index_py, sizeof template_python3_index_py},
    {"python3/template.yml", template_python3_template_yml, sizeof template_python3_template_yml},
    {"swift/Dockerfile", template_swift_Dockerfile, sizeof template_swift_Dockerfile},
    {"swift/function/handler.swift", template_swift_function_handler_swift, sizeof template_swift_function_handler_swift},
    {"swift/main.swift", template_swift_main_swift, sizeof template_swift_main_swift},
    {"swift/template.yml", template_swift_template_yml, sizeof template_swift_template_yml},
};

const faasd_asset *faasd_templates(size_t *count) {
    *count = sizeof templates / sizeof templates[0];
    return templates;
}
