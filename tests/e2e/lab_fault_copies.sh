#!/bin/bash
# The lab's faulty population many times over, all at once: every copy has servers of its own, and
# the record of each is that of its fault. In recursion and in stub mode, to directories, whose
# runs are then proven complete. FAULT_COUNT=100000 for a long one.
. "$(dirname "$0")/e2e.sh"
: "${FAULT_COUNT:=1500}"
in_lab --count 50 --faults "$FAULT_COUNT"

# What waits must be given up, and what answers must have the time to, on a machine where both ends
# and everything between them share the cores: so few in flight, so patient. In recursion a question
# without an answer is asked once more after 22 s; that is what this takes long for.
scan_copies() { # scan_copies NAME RETRIES FLAG…
    local started=$SECONDS
    expect_code 0 "$mailcensus" scan "$LAB_DIR/faults.txt" -o "$work/$1" -q "${lab_flags[@]}" \
        --timeout 2000 --retries "$2" --https-timeout 10000 \
        --max-in-flight "${MAX_IN_FLIGHT:-1000}" "${@:3}"
    say "$1: $FAULT_COUNT domains in $((SECONDS - started)) s"
    "$mailcensus" verify "$work/$1" || fail "the run of $1 is not complete"
    "$compare" --engines recursion-stub --lines "$FAULT_COUNT" \
        "$LAB_DIR/expected-faults.ndjson" "$work/$1" || fail "$1 differs"
}

scan_copies recursion 1 --root-hints "$LAB_ROOT_HINTS"
scan_copies stub 3 --name-servers "$LAB_STUB"
