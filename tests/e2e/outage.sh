#!/bin/bash
# The resolver refuses everything for a while, and then it says nothing for a while. It is asked hardly
# anything meanwhile, and not a record is the worse for it: what failed is asked again.
# OUTAGE_SECONDS for longer ones.
. "$(dirname "$0")/e2e.sh"
seconds=${OUTAGE_SECONDS:-5}
in_lab --server answer --count 3000

questions() { # how many the resolver has been asked so far
    rm -f "$LAB_STATS"
    kill -USR1 "$LAB_PID_ANSWER"
    for ((i = 0; i < 50; i++)); do
        [ ! -s "$LAB_STATS" ] || break
        sleep 0.1
    done
    jq .questions "$LAB_STATS"
}

outage() { # outage NAME BEGIN END: signals for the resolver
    local before after
    # the rate makes it last some seconds
    start_scan "$LAB_DIR/domains.txt" --name-servers "$LAB_STUB" --dns-rate 5000 -q --timeout 1000 \
        >"$work/$1" 2>"$work/$1.notes"
    await_lines "$work/$1" 500 60
    kill "-$2" "$LAB_PID_ANSWER"
    sleep 1
    if [ "$2" = USR2 ]; then
        before=$(questions)
        sleep "$seconds"
        after=$(questions)
        [ $((after - before)) -le 10 ] || fail "$1: asked $((after - before)) times in $seconds s"
        [ "$(wc -l <"$work/$1")" -lt 3000 ] || fail "$1: the scan had ended before"
    else
        sleep "$seconds"
    fi
    kill "-$3" "$LAB_PID_ANSWER"
    await_end 120
    expect_equal "$1: exit code" 0 "$code"
    expect_equal "$1: how often it was said" 1 \
        "$(grep -c 'no DNS question is answered any more' "$work/$1.notes")"
    "$compare" "$LAB_DIR/expected.ndjson" "$work/$1" || fail "$1: the outage is seen in records"
}

outage refused USR2 USR2
outage silent STOP CONT
