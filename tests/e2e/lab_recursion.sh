#!/bin/bash
# The lab's whole population, resolved from its roots: every record is what the population is,
# no line is lost or doubled, and run.json adds up.
. "$(dirname "$0")/e2e.sh"
need zstdcat sha256sum
in_lab --count "${LAB_COUNT:-10000}"

expect_code 0 scan "$LAB_DIR/domains.txt" -o "$work/out"
check_run "$work/out" "$LAB_DIR/domains.txt"
expect_json "a complete run does not say so" '.exit_reason == "complete"' "$work/out/run.json"
"$compare" "$LAB_DIR/expected.ndjson" "$work/out"
