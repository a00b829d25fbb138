#!/bin/bash
# The lab's whole population again, asking a recursive resolver (stub mode): the same records.
. "$(dirname "$0")/e2e.sh"
need zstdcat sha256sum
in_lab --count "${LAB_COUNT:-10000}"

expect_code 0 "$mailcensus" scan "$LAB_DIR/domains.txt" -o "$work/out" "${lab_flags[@]}" \
    --name-servers "$LAB_STUB"
check_run "$work/out" "$LAB_DIR/domains.txt"
"$compare" "$LAB_DIR/expected.ndjson" "$work/out"
