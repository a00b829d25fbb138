#!/bin/bash
# The engine behind resolver.h beside dnsperf, massdns and zdns: the same TXT questions to the same
# nsd, each client at its best of three windows, in turn. And what a query costs where JSON comes out.
set -eu -o pipefail
# shellcheck source=bench/parts/common.sh
. bench/parts/common.sh
# shellcheck source=bench/parts/peers.sh
. bench/parts/peers.sh

questions=${BENCH_QUESTIONS:-200000}
# nsd's socket holds some 270 packets: with more in flight they are lost
read -ra windows <<<"${BENCH_WINDOWS:-50 100 200}"
server=198.18.2.1

[ "${1-}" = inside ] || exec $lab --count "${BENCH_COUNT:-10000}" run -- bench/parts/dns.sh inside

# Four TXT questions for each zone of the hosting name servers, again and again.
write_questions() {
    sed -n 's/^  name: "\(.*\)"$/\1/p' "$LAB_DIR/nsd-host.conf" |
        text_questions | repeated "$questions" >"$BENCH_WORK/questions"
    head -n $((questions / 5)) "$BENCH_WORK/questions" >"$BENCH_WORK/few" # for zdns, which is slow
}

measured() { # measured CLIENT WINDOW: CLIENT: of peers.sh, or zdns_both
    case $1 in
    zdns) run_zdns $server "$BENCH_WORK/few" "$2" ;;
    zdns_both) both=1 run_zdns $server "$BENCH_WORK/few" "$2" ;;
    *) "run_$1" $server "$BENCH_WORK/questions" "$2" ;;
    esac
}

declare -A best
choose_window() { # choose_window CLIENT: nothing lost (but for 1 in 10,000) first, then the fastest
    local window least=-1 most=0
    for window in "${windows[@]}"; do
        measured "$1" "$window"
        say "$1, window $window: $each_s/s, $us us, $lost lost"
        ((lost * 10000 > count)) || lost=0
        if ((least < 0 || lost < least)) || { ((lost == least)) && is_less "$most" "$each_s"; }; then
            best[$1]=$window least=$lost most=$each_s
        fi
    done
}

speed_measure() { printf 'queries/s, against %s' "$1"; }
cost_measure() { printf 'client CPU per query, us, against %s' "$1"; }

compare_clients() { # compare_clients CLIENT…: one round
    local client ours_each_s ours_us ours_lost
    measured mailcensus "${best[mailcensus]}"
    ours_each_s=$each_s ours_us=$us ours_lost=$lost
    for client in "$@"; do
        measured "$client" "${best[$client]}"
        note "$(speed_measure "${title[$client]}")" "$ours_each_s" "$each_s" $((ours_lost + lost))
        note "$(cost_measure "${title[$client]}")" "$ours_us" "$us" $((ours_lost + lost))
    done
}

# ---- JSON on both sides --------------------------------------------------------------------

# What scan asks of every domain, for massdns: it asks one type a run.
write_scan_names() {
    plain_names >"$BENCH_WORK/names-MX"
    cp "$BENCH_WORK/names-MX" "$BENCH_WORK/names-NS"
    awk '{ print $1 "\n_dmarc." $1 "\n_smtp._tls." $1 }' "$BENCH_WORK/names-MX" >"$BENCH_WORK/names-TXT"
}

# A whole scan without HTTPS, through the recursive resolver: classified, JSON, compressed. Without
# the cache, as massdns has none: every question is a query.
cost_of_scan() { # -> us
    timed "$MAILCENSUS_BUILD/scanner/mailcensus" scan "$LAB_DIR/domains.txt" -o "$BENCH_WORK/scan" --force \
        --name-servers "$LAB_STUB" --checks mx,ns,spf,dmarc,tls_rpt --workers 1 --cache-size 0 --dns-rate 0 --quiet \
        --allow-special-addresses --contact bench@example.org || fail "scan: $(cat "$BENCH_WORK/err")"
    us=$(calculate "$cpu_s * 1000000 / $(jq .dns.queries "$BENCH_WORK/scan/run.json")")
}

cost_of_massdns() { # -> us
    local type cpu=0 answers=0
    for type in TXT MX NS; do
        run_massdns "$LAB_STUB" "$BENCH_WORK/names-$type" "${best[massdns]}" $type
        cpu=$(calculate "$cpu + $cpu_s") answers=$((answers + count))
    done
    us=$(calculate "$cpu * 1000000 / $answers")
}

json_measure='CPU per query with JSON, us: whole scan, against massdns -o J'

compare_json() {
    local ours
    cost_of_scan
    ours=$us
    cost_of_massdns
    note "$json_measure" "$ours" "$us"
}

# ---- all -----------------------------------------------------------------------------------

read_cores
pin_servers
write_questions
declare -A title=([dnsperf]=dnsperf [massdns]='massdns -o J' [zdns]=zdns [zdns_both]='zdns on both cores')
clients=(dnsperf)
[ -z "${MASSDNS-}" ] || clients+=(massdns)
[ -z "${ZDNS-}" ] || clients+=(zdns zdns_both)
for client in mailcensus "${clients[@]}"; do
    choose_window "$client"
done
write_scan_names
[ -z "${MASSDNS-}" ] || { cost_of_scan && cost_of_massdns; } # unbound knows the answers now
for ((round = 0; round < rounds; round++)); do
    compare_clients "${clients[@]}"
    [ -z "${MASSDNS-}" ] || compare_json
done

head_of_table
for client in "${clients[@]}"; do
    wanted='>'
    [ "$client" != dnsperf ] || wanted='>=1'
    report "$(speed_measure "${title[$client]}")" "$wanted"
    report "$(cost_measure "${title[$client]}")" '<'
done
[ -z "${MASSDNS-}" ] || report "$json_measure" '<=0.5'
