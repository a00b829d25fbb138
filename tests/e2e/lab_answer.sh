#!/bin/bash
# lab-answer says what nsd and unbound say, answer by answer; a scan of what it serves finds every record
# as it is, from the roots and in stub mode, and also where answers are lost, doubled and out of order.
. "$(dirname "$0")/e2e.sh"
need python3 dig zstdcat sha256sum

beside_nsd() { # on the same addresses, at another port
    "$MAILCENSUS_BUILD/bench/lab/lab-answer" --port 5399 "$LAB_DIR/answer.conf" &
    local answer=$! deadline=$((SECONDS + 20))
    until dig +time=1 +tries=1 +norecurse -p 5399 "@$LAB_STUB" . SOA >/dev/null 2>&1; do
        kill -0 $answer 2>/dev/null || fail "lab-answer has ended"
        [ $SECONDS -lt $deadline ] || fail "lab-answer does not answer"
    done
    python3 "$root/tests/e2e/compare_servers.py" "$LAB_DIR" 5399 30 >&2 || fail "the servers differ"
    kill $answer
}

scan_stub() { # scan_stub LIST OUTPUT FLAG…
    expect_code 0 "$mailcensus" scan "$1" -q -o "$2" "${lab_flags[@]}" --name-servers "$LAB_STUB" "${@:3}"
}

read_stats() { # read_stats: $LAB_STATS is of now
    local deadline=$((SECONDS + 10))
    rm -f "$LAB_STATS"
    kill -USR1 "$LAB_PID_ANSWER"
    until [ -e "$LAB_STATS" ]; do
        [ $SECONDS -lt $deadline ] || fail "lab-answer writes no statistics"
        sleep 0.05
    done
}

in_its_lab() {
    scan_stub "$LAB_DIR/domains.txt" "$work/stub"
    "$compare" "$LAB_DIR/expected.ndjson" "$work/stub"
    expect_code 0 scan "$LAB_DIR/domains.txt" -q -o "$work/recursion"
    "$compare" "$LAB_DIR/expected.ndjson" "$work/recursion"
    # the first two faulty domains: unbound resolves them, behind lab-answer
    head -n 2 "$LAB_DIR/faults.txt" >"$work/faults.txt"
    scan_stub "$work/faults.txt" "$work/faults.ndjson"
    "$compare" --engines recursion-stub --lines 2 "$LAB_DIR/expected-faults.ndjson" "$work/faults.ndjson"
    expect_equal "addresses over a forwarded connection" 1 \
        "$(dig +tcp +short "@$LAB_STUB" mail.fault-sound.net A | wc -l)"
}

in_bad_weather() {
    scan_stub "$LAB_DIR/domains.txt" "$work/stub" --timeout 500 --retries 8
    "$compare" "$LAB_DIR/expected.ndjson" "$work/stub"
    read_stats
    expect_json "the weather was fair" '.dropped > 50 and .duplicated > 50 and .reordered > 50' "$LAB_STATS"
    expect_json "the statistics do not add up" \
        '([.addresses[].questions] | add) == .questions and .answers == .questions
        and .peak_per_100_ms <= .peak_per_second and .peak_per_second <= .questions' "$LAB_STATS"
    expect_json "the lost ones were not asked for again" '.dns.retries >= 50' "$work/stub/run.json"
}

if [ -z "${E2E_INSIDE-}" ]; then
    (export E2E_PART=beside_nsd && in_lab --server nsd --count 2000) || exit
    (export E2E_PART=in_its_lab && in_lab --server answer --count 2000) || exit
    export E2E_PART=in_bad_weather
fi
in_lab --count 500 --delay-ms 5 --loss 5 --duplicate 5 --reorder 10
$E2E_PART
