#!/bin/bash
# A scan that is stopped for longer than any time-out (SIGSTOP, a suspended machine) and goes on: not
# one question more ends without an answer. STOP_SECONDS=30 for a longer sleep.
. "$(dirname "$0")/e2e.sh"
need zstdcat sha256sum
in_lab --count 2000 --delay-ms 20

stopped() { # stopped DIR FLAG…
    local pid code=0
    # the rate makes it last some seconds
    "$mailcensus" scan "$LAB_DIR/domains.txt" -o "$1" -q "${lab_flags[@]}" --dns-rate 5000 --https-timeout 4000 "${@:2}" &
    pid=$!
    sleep 1
    kill -STOP $pid || fail "it had ended before it could be stopped"
    sleep "${STOP_SECONDS:-6}"
    kill -CONT $pid
    wait $pid || code=$?
    expect_equal "the exit status" 0 $code
    check_run "$1" "$LAB_DIR/domains.txt"
    "$compare" "$LAB_DIR/expected.ndjson" "$1"
}

stopped "$work/stub" --name-servers "$LAB_STUB"
stopped "$work/recursion" --root-hints "$LAB_ROOT_HINTS"
