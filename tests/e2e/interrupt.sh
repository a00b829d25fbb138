#!/bin/bash
# SIGINT in the middle of a run: it drains, publishes what it has and says that it was
# interrupted (exit 75); --resume does the rest and nothing twice. A second SIGINT leaves at once.
. "$(dirname "$0")/e2e.sh"
need zstdcat sha256sum
# leaving at once leaves threads behind, and the thread sanitizer would sleep a second first
export TSAN_OPTIONS=${TSAN_OPTIONS-}:report_thread_leaks=0:atexit_sleep_ms=0
in_lab --count 1000

interrupt_after() { # interrupt_after SECONDS DIR FLAG…
    start_scan "$LAB_DIR/domains.txt" -o "${@:2}"
    sleep "$1"
    kill -0 "$scanner" 2>/dev/null || fail "the scan ended before it could be interrupted"
    kill -INT "$scanner"
}

interrupt_after 5 "$work/out" --max-in-flight 50 --dns-rate 300
await_end 60
expect_equal "exit code" 75 "$code"
expect_json "run.json does not tell of the interruption" '.exit_reason == "interrupted"' \
    "$work/out/run.json"
zstdcat "$work/out"/part-*.ndjson.zst >"$work/first.ndjson"
expect_json "a written line is no record" 'type == "object" and has("findings")' "$work/first.ndjson"
rows=$(wc -l <"$work/first.ndjson")
expect_equal "rows in run.json" "$rows" "$(jq '[.parts[].rows] | add' "$work/out/run.json")"
say "interrupted after $rows records"
if [ "$rows" -eq 0 ] || [ "$rows" -ge 1000 ]; then
    fail "not in the middle: $rows records"
fi
if find "$work/out" -name '*.part' | grep -q .; then
    fail "an unfinished part was left behind"
fi

if "$mailcensus" scan --help | grep -q -e --resume; then
    expect_code 0 scan "$LAB_DIR/domains.txt" -o "$work/out" --resume
    check_run "$work/out" "$LAB_DIR/domains.txt"
    "$compare" "$LAB_DIR/expected.ndjson" "$work/out"
fi

# with one question a second nothing drains: only the second signal can end this run soon
interrupt_after 2 "$work/slow" --max-in-flight 500 --dns-rate 1
sleep 0.5
kill -0 "$scanner" 2>/dev/null || fail "the first signal did not drain"
kill -INT "$scanner"
await_end 2
[ "$code" != 0 ] || fail "exit code 0 of a run that was broken off"
