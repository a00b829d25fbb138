#!/bin/bash
# The rates are kept where it matters, at the servers: in every second, from the first to the last, by
# several workers together.
. "$(dirname "$0")/e2e.sh"
need jq
in_lab --server answer --count 1000

scan_at() { # scan_at NAME LIST FLAG…
    expect_code 0 "$mailcensus" scan "$2" -o "$work/$1" "${lab_flags[@]}" --name-servers "$LAB_STUB" \
        --workers 3 -q "${@:3}"
}

# ---- DNS: lab-answer counts ----------------------------------------------------------------

rate=500
scan_at dns "$LAB_DIR/domains.txt" -n 300 --dns-rate $rate
kill -USR1 "$LAB_PID_ANSWER"
for ((i = 0; i < 50; i++)); do
    [ ! -s "$LAB_STATS" ] || break
    sleep 0.1
done
expect_json "the server was asked faster than $rate a second" \
    ".peak_per_second <= $rate * 1.05 and .questions > 2 * $rate" "$LAB_STATS"

# ---- HTTPS: the kernel counts what the policy hosts accept ---------------------------------

watch_connections() { # a line every 10 ms or so: time in us, connections accepted so far
    local lines line opened
    while :; do
        mapfile -t lines </proc/net/snmp # at once: read line by line it is another text for each line
        for line in "${lines[@]}"; do
            [[ $line =~ ^Tcp:(\ -?[0-9]+){5}\ ([0-9]+) ]] || continue
            opened=${BASH_REMATCH[2]}
            echo "${EPOCHREALTIME/./} $opened"
        done
        sleep 0.01
    done
}

# The most in any second, and all: a second is between two looks that are no further apart.
count_connections() { # count_connections FILE
    awk '{ at[NR] = $1; opened[NR] = $2; if (!from) from = 1
           while (at[NR] - at[from] > 1000000) from++
           if (opened[NR] - opened[from] > most) most = opened[NR] - opened[from] }
         END { print most + 0, opened[NR] - opened[1] }' "$1"
}

at_most() { # at_most NAME RATE LIST FLAG…
    local watcher most all
    watch_connections >"$work/$1.connections" &
    watcher=$!
    scan_at "$1" "$3" --checks mta_sts "${@:4}"
    kill $watcher
    read -r most all < <(count_connections "$work/$1.connections")
    say "$1: $most connections in the fullest second, $all in all, for a rate of $2"
    [ "$most" -le $(($2 * 105 / 100)) ] || fail "$1: $most connections in a second instead of $2"
    [ "$all" -gt $((3 * $2)) ] || fail "$1: $all connections are too few to tell"
}

repeat() { # repeat TIMES FILTER: domains with a policy for which the filter holds
    local i
    for ((i = 0; i < $1; i++)); do
        jq -r "select(.mta_sts.policy.addresses | length > 0 and ($2)) | .domain" "$LAB_DIR/expected.ndjson"
    done
}

repeat 6 true >"$work/policies"
repeat 20 'all(. == "198.18.4.1")' >"$work/one-host"
at_most https 100 "$work/policies" --https-rate 100 --per-host-rate 0
at_most host 40 "$work/one-host" --https-rate 0 --per-host-rate 40
