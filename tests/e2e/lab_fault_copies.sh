#!/bin/bash
# The lab's faulty population many times over, all at once: every copy has servers of its own, and
# the record of each is that of its fault. In recursion and in stub mode, to directories, whose
# runs are then proven complete. FAULT_COUNT=100000 FAULT_MODE=stub for a long one.
. "$(dirname "$0")/e2e.sh"
: "${FAULT_COUNT:=780}"
in_lab --count 50 --faults "$FAULT_COUNT"

# unbound 1.17.1, ours in recursion and the lab's in stub mode, gives a connection's memory to the next one with
# what was read of a message that never became whole (outnet_tcp_take_into_use leaves tcp_byte_count as it
# was), so that one such server can cost another's answer over TCP. lab_faults.sh has each of them once.
halves='fault-truncated-then-(half|half-length|seven-bytes|great-length|slow)(-[0-9]{5})?\.net'
sed -E "s/^$halves\$/# &/" "$LAB_DIR/faults.txt" >"$work/list"
grep -vE "^[^}]*\"input\":\"$halves\"" "$LAB_DIR/expected-faults.ndjson" >"$work/expected.ndjson"
expect_equal "domains left out" "$(grep -c '^#' "$work/list")" \
    $((FAULT_COUNT - $(wc -l <"$work/expected.ndjson")))

# What waits must be given up, and what answers must have the time to, on a machine where both ends
# and everything between them share the cores: so few in flight, so patient. In recursion a question
# without an answer is asked once more after 22 s; that is what this takes long for.
scan_copies() { # scan_copies NAME RETRIES FLAG…
    local started=$SECONDS
    expect_code 0 "$mailcensus" scan "$work/list" -o "$work/$1" -q "${lab_flags[@]}" \
        --timeout 2000 --retries "$2" --https-timeout 10000 \
        --max-in-flight "${MAX_IN_FLIGHT:-1000}" "${@:3}"
    say "$1: $FAULT_COUNT domains in $((SECONDS - started)) s"
    "$mailcensus" verify "$work/$1" || fail "the run of $1 is not complete"
    "$compare" --engines recursion-stub "$work/expected.ndjson" "$work/$1" || fail "$1 differs"
}

case ${FAULT_MODE:-both} in
recursion | both) scan_copies recursion 1 --root-hints "$LAB_ROOT_HINTS" ;;&
stub | both) scan_copies stub 3 --name-servers "$LAB_STUB" ;;
esac
