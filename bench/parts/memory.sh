#!/bin/bash
# Peak memory of a whole survey over domains in flight and over the length of the list; and which
# part of the program the CPU time goes to.
set -eu -o pipefail
# shellcheck source=bench/parts/common.sh
. bench/parts/common.sh

rounds=${BENCH_MEMORY_ROUNDS:-3}
read -ra in_flight <<<"${BENCH_IN_FLIGHT:-100 1000 2000 10000}"
first_count=${BENCH_COUNT:-10000}
usual=2000 # in flight, when the list grows
mailcensus=$MAILCENSUS_BUILD/scanner/mailcensus

scan_arguments() { # scan_arguments IN_FLIGHT: sets arguments
    arguments=(scan "$LAB_DIR/domains.txt" -o "$BENCH_WORK/scan" --force --name-servers "$LAB_STUB"
        --ca-file "$LAB_CA_FILE" --workers 1 --max-in-flight "$1" --dns-rate 0 --https-rate 0 --quiet
        --allow-special-addresses --contact bench@example.org)
}

measure_peak() { # measure_peak COUNT IN_FLIGHT
    scan_arguments "$2"
    timed "$mailcensus" "${arguments[@]}" || fail "scan: $(cat "$BENCH_WORK/err")"
    note "$(peak_of "$1" "$2")" "$(calculate "$rss_kib / 1024")"
}

peak_of() { printf 'peak MB, %s domains, %s in flight' "$1" "$2"; }

# ---- where CPU time goes -------------------------------------------------------------------

# User time: perf's samples, each counted for the innermost function that is ours, by the folder
# its source stands in. System time: of the threads, at which we look again and again;
# perf may not see it as an ordinary user.
profile() {
    local perf pid
    scan_arguments "$usual"
    nm -l --defined-only "$mailcensus" | awk '$2 ~ /[tT]/ { print $3, $4 }' >"$BENCH_WORK/symbols"
    taskset -c "$client_core" perf record -q -e cpu-clock:u -F 499 --call-graph dwarf,4096 \
        -o "$BENCH_WORK/perf" -- "$mailcensus" "${arguments[@]}" >/dev/null 2>"$BENCH_WORK/err" &
    perf=$!
    : >"$BENCH_WORK/threads"
    while kill -0 $perf 2>/dev/null; do
        for pid in $(pgrep -P $perf || true); do
            cat /proc/"$pid"/task/*/stat >>"$BENCH_WORK/threads" 2>/dev/null || true
        done
        sleep 0.05
    done
    wait $perf || fail "perf: $(cat "$BENCH_WORK/err")"
    perf script -i "$BENCH_WORK/perf" --no-inline -F tid,ip,sym,dso 2>/dev/null |
        awk -f bench/parts/profile.awk "$BENCH_WORK/symbols" "$BENCH_WORK/threads" - >"$BENCH_WORK/shares" ||
        fail "the profile says nothing"
    while IFS=$'\t' read -r name share; do
        note "CPU share, $name" "$share"
    done <"$BENCH_WORK/shares"
}

can_profile() {
    perf record -q -e cpu-clock:u -o "$BENCH_WORK/perf" -- true >/dev/null 2>&1
}

inside() { # inside COUNT
    local count
    read_cores
    pin_servers
    if [ "$1" != "$first_count" ]; then
        measure_peak "$1" "$usual"
        return
    fi
    for ((round = 0; round < rounds; round++)); do
        for count in "${in_flight[@]}"; do
            measure_peak "$1" "$count"
        done
        if can_profile; then
            profile
        else
            say "perf cannot be used here: no shares of CPU time"
        fi
    done
}

if [ "${1-}" = inside ]; then
    inside "$2"
    exit
fi
counts=("$first_count")
[ "$first_count" != 10000 ] || counts+=(100000)
[ -z "${BENCH_LARGE-}" ] || counts+=(1000000)
for count in "${counts[@]}"; do
    $lab --server answer --count "$count" run -- bench/parts/memory.sh inside "$count"
done

head_of_table
for count in "${in_flight[@]}"; do
    report "$(peak_of "$first_count" "$count")" "$([ "$count" = $usual ] && echo '<=150' || echo '<')"
done
for count in "${counts[@]:1}"; do
    report "$(peak_of "$count" $usual)" '<=150'
done
cut -f 1 "$BENCH_WORK/rounds" | sed -n '/^CPU share/p' | sort -u | while read -r name; do
    report "$name" "$([ "$name" = 'CPU share, output: JSON and zstd' ] && echo '<=0.15' || true)"
done
