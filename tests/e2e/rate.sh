#!/bin/bash
# --dns-rate is kept, counted where it matters: at the server, in every second, from first to last.
. "$(dirname "$0")/e2e.sh"
need jq
in_lab --server answer --count 1000

rate=500
expect_code 0 "$mailcensus" scan "$LAB_DIR/domains.txt" -n 300 -o "$work/out" "${lab_flags[@]}" \
    --name-servers "$LAB_STUB" --dns-rate $rate --workers 2 -q
kill -USR1 "$LAB_PID_ANSWER"
for ((i = 0; i < 50; i++)); do
    [ ! -s "$LAB_STATS" ] || break
    sleep 0.1
done
expect_json "the server was asked faster than $rate a second" \
    ".peak_per_second <= $rate * 1.05 and .questions > 2 * $rate" "$LAB_STATS"
