#!/bin/bash
# The test of the test: with one wrong expectation planted the comparison must fail, on it alone.
. "$(dirname "$0")/e2e.sh"
in_lab --count 1000 --plant-error

expect_code 0 scan "$LAB_DIR/domains.txt" -o "$work/out.ndjson"
expect_code 1 "$compare" "$LAB_DIR/expected.ndjson" "$work/out.ndjson" >"$work/report"
cat "$work/report"
grep -q ' 1 wrong, 0 missing, 0 doubled, 0 extra, 0 unreadable$' "$work/report" ||
    fail "not exactly the planted record is reported"
