# shellcheck shell=bash
# The sample function, through the gateway's API. Needs common.sh, daemon.sh and the variable password_file.

# sample_api METHOD PATH [BODY]: prints the status code. The password goes by a pipe: arguments are for all to see.
sample_api() {
    local password
    password=$(cat "${password_file:?}")
    curl --silent --noproxy '*' --max-time 120 --output /dev/null --write-out '%{http_code}' --request "$1" \
        --config <(printf 'user = "admin:%s"\n' "$password") --header 'Content-Type: application/json' \
        ${3:+--data "$3"} "$(daemon_url)$2"
}

# sample_deploy: updates the function, or makes it.
sample_deploy() {
    local body='{"service":"hello","image":"docker.io/faasd/hello:latest"}' status
    status=$(sample_api PUT /system/functions "$body" || true)
    if [ "$status" = 404 ]; then
        status=$(sample_api POST /system/functions "$body" || true)
    fi
    case $status in
        200 | 202) ;;
        *) die "deploying the sample function was answered with ${status:-nothing}; see the daemon's log" ;;
    esac
}

# sample_call NAME: prints the function's answer, when it is ready.
sample_call() {
    wait_until 60 sample_answer "$1" || die "the sample function does not answer within 60 s; see the daemon's log"
    sample_answer "$1"
}

sample_answer() {
    curl --silent --fail --noproxy '*' --max-time 20 --data "$1" "$(daemon_url)/function/hello"
}
