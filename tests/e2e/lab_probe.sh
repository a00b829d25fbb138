#!/bin/bash
# The lab's whole population once more with --probe-orphan-policies: the policy host of every domain is
# asked for, and policies that nothing announces any more are found and judged.
. "$(dirname "$0")/e2e.sh"
in_lab --count "${LAB_COUNT:-2000}"

expect_code 0 scan "$LAB_DIR/domains.txt" --probe-orphan-policies -o "$work/out.ndjson"
"$compare" "$LAB_DIR/expected-probed.ndjson" "$work/out.ndjson"
