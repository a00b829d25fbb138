#!/bin/bash
# Whole surveys of the lab's populations by one worker, through a resolver and from the roots, over
# answers that come late or not at all; where ZDNS is set, zdns asking for less beside them.
set -eu -o pipefail
# shellcheck source=bench/parts/common.sh
. bench/parts/common.sh
# shellcheck source=bench/parts/peers.sh
. bench/parts/peers.sh

rounds=${BENCH_SURVEY_ROUNDS:-3}
read -ra zdns_threads <<<"${BENCH_ZDNS_THREADS:-100 300 1000}"
in_flight_late=10000
# milliseconds:percent; the first is what the others are compared with
read -ra conditions <<<"${BENCH_CONDITIONS:-0:0 20:0 100:0 0:1 0:5}"
large_conditions=${BENCH_LARGE_CONDITIONS:-0:0 100:1} # of the large populations, one round
read -ra engines <<<"${BENCH_ENGINES:-stub recursion}"

# ---- inside the lab ------------------------------------------------------------------------

scan() { # scan ENGINE COUNT CONDITION: notes what it took
    local -A from=([stub]="--name-servers $LAB_STUB" [recursion]="--root-hints $LAB_ROOT_HINTS")
    local what
    what=$(label "$1" "$2" "$3")
    # shellcheck disable=SC2086 # words are wanted
    timed "$MAILCENSUS_BUILD/scanner/mailcensus" scan "$LAB_DIR/domains.txt" -o "$BENCH_WORK/scan" --force \
        ${from[$1]} --ca-file "$LAB_CA_FILE" --workers 1 --dns-rate 0 --https-rate 0 --quiet \
        --allow-special-addresses --contact bench@example.org || fail "scan: $(cat "$BENCH_WORK/err")"
    note "domains/s, $what" "$(calculate "$2 / $seconds")"
    note "questions per domain, $what" "$(jq '(.dns.by_status | add) / .input.records' "$BENCH_WORK/scan/run.json")"
    note "queries per domain, $what" "$(jq '.dns.queries / .input.records' "$BENCH_WORK/scan/run.json")"
    note "CPU per domain, us, $what" "$(calculate "$cpu_s * 1000000 / $2")"
    note "peak MB, $what" "$(calculate "$rss_kib / 1024")"
    note "not ok, $what" "$(jq '.totals.status | .partial + .error' "$BENCH_WORK/scan/run.json")"
}

# How many threads serve zdns best: found once, with its MX run.
choose_zdns_threads() {
    local threads most=0
    plain_names >"$BENCH_WORK/zdns-names"
    for threads in "${zdns_threads[@]}"; do
        run_zdns "$LAB_STUB" "$BENCH_WORK/zdns-names" "$threads" MX
        say "zdns, $threads threads: $each_s/s, $lost lost"
        if is_less "$most" "$each_s"; then
            most=$each_s
            printf '%s' "$threads" >"$BENCH_WORK/zdns-threads"
        fi
    done
}

# The four TXT names and MX, nothing else: five runs, their times added up.
zdns_survey() { # zdns_survey COUNT CONDITION
    local prefix total=0 cpu=0 lost_all=0 threads count
    [ -e "$BENCH_WORK/zdns-threads" ] || choose_zdns_threads
    threads=$(cat "$BENCH_WORK/zdns-threads")
    for prefix in MX '' _dmarc. _mta-sts. _smtp._tls.; do
        plain_names | sed "s/^/${prefix#MX}/" >"$BENCH_WORK/zdns-names"
        run_zdns "$LAB_STUB" "$BENCH_WORK/zdns-names" "$threads" "$([ "$prefix" = MX ] && echo MX || echo TXT)"
        total=$(calculate "$total + $seconds") cpu=$(calculate "$cpu + $cpu_s")
        lost_all=$((lost_all + lost))
    done
    count=$(plain_names | wc -l)
    note "zdns domains/s, $(label stub "$1" "$2")" "$(calculate "$count / $total")" '' $lost_all
    note "zdns CPU per domain, us, $(label stub "$1" "$2")" "$(calculate "$cpu * 1000000 / $count")" '' $lost_all
}

# How many questions a second with 10,000 in flight: late answers must not matter, until the
# window is the limit.
many_in_flight() { # many_in_flight COUNT CONDITION
    plain_names | text_questions | repeated "${BENCH_QUESTIONS:-1000000}" >"$BENCH_WORK/questions"
    run_mailcensus "$LAB_STUB" "$BENCH_WORK/questions" $in_flight_late
    note "questions/s, $in_flight_late in flight, $(label stub "$1" "$2")" "$each_s" '' "$lost"
}

inside() { # inside COUNT CONDITION
    local engine
    read_cores
    pin_servers
    for engine in "${engines[@]}"; do
        scan "$engine" "$1" "$2"
    done
    [[ " ${engines[*]} " = *' stub '* ]] || return 0
    case $2 in
    0:0 | 100:0) many_in_flight "$1" "$2" ;;
    esac
    if [ -n "${ZDNS-}" ] && [ "$2" = 0:0 ]; then
        zdns_survey "$1" "$2"
    fi
}

# ---- outside -------------------------------------------------------------------------------

label() { printf '%s, %s domains, %s ms, %s %% lost' "$1" "$2" "${3%:*}" "${3#*:}"; }

run_lab() { # run_lab COUNT CONDITION: the population is made once
    local options=(--server answer)
    [ "${2%:*}" = 0 ] || options+=(--delay-ms "${2%:*}")
    [ "${2#*:}" = 0 ] || options+=(--loss "${2#*:}")
    if [ -e "$BENCH_WORK/population-$1/domains.txt" ]; then
        options+=(--dir "$BENCH_WORK/population-$1")
    else
        options+=(--count "$1" --keep "$BENCH_WORK/population-$1")
    fi
    $lab "${options[@]}" run -- bench/parts/survey.sh inside "$1" "$2"
}

# Round by round against another measure, or against MOST where that is less.
against() { # against NEW MEASURE OTHER [MOST]
    awk -F '\t' -v new="$1" -v ours="$2" -v peer="$3" -v most="${4-}" '
        $1 == ours { o[++n] = $2; lost[n] += $4 }
        $1 == peer { p[++m] = most != "" && $2 > most + 0 ? most : $2; lost[m] += $4 }
        END { for (i = 1; i <= n; i++) print new "\t" o[i] "\t" p[i] "\t" lost[i] + 0 }' \
        "$BENCH_WORK/rounds" >"$BENCH_WORK/new-rounds"
    cat "$BENCH_WORK/new-rounds" >>"$BENCH_WORK/rounds"
}

print_row() { # print_row ENGINE COUNT CONDITION
    local what rest
    what=$(label "$@")
    printf '| %s | %s | %s ms | %s %%' "$1" "$2" "${3%:*}" "${3#*:}"
    for rest in 'domains/s' 'questions per domain' 'queries per domain' 'CPU per domain, us' 'peak MB' 'not ok'; do
        printf ' | %s' "$(median_of "$rest, $what")"
    done
    printf ' |\n'
}

conditions_of() { # conditions_of COUNT
    if [ "$1" = "${counts[0]}" ]; then
        printf '%s ' "${conditions[@]}"
    else
        printf '%s ' "$large_conditions"
    fi
}

print_tables() { # print_tables COUNT…
    local count engine condition
    printf '| engine | domains | answers late by | lost | domains/s | questions each | queries each | CPU us each | peak MB | not ok |\n'
    printf '|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n'
    for count in "$@"; do
        for engine in "${engines[@]}"; do
            for condition in $(conditions_of "$count"); do
                print_row "$engine" "$count" "$condition"
            done
        done
    done
    printf '\n'
    head_of_table
    for count in "$@"; do
        print_ratios "$count"
    done
}

print_ratios() { # print_ratios COUNT
    local engine condition first what these
    read -ra these <<<"$(conditions_of "$1")"
    for engine in "${engines[@]}"; do
        first=$(label "$engine" "$1" "${these[0]}")
        for condition in "${these[@]:1}"; do
            what=$(label "$engine" "$1" "$condition")
            against "domains/s, $what, against none" "domains/s, $what" "domains/s, $first"
            report "domains/s, $what, against none" '>'
        done
        report "queries per domain, $first" '<'
    done
    first="questions/s, $in_flight_late in flight, $(label stub "$1" 0:0)"
    what="questions/s, $in_flight_late in flight, $(label stub "$1" 100:0)"
    if [ -n "$(values_of "$what")" ]; then
        against "$what, against none" "$what" "$first" $((in_flight_late * 10))
        report "$what, against none" '>=0.8'
    fi
    [ -n "$(values_of "zdns domains/s, $(label stub "$1" 0:0)")" ] || return 0
    local -A wanted=(['domains/s']='>=10' ['CPU per domain, us']='<')
    for what in 'domains/s' 'CPU per domain, us'; do
        first="$what, $(label stub "$1" 0:0)"
        against "$first, against zdns (TXT and MX only)" "$first" "zdns $first"
        report "$first, against zdns (TXT and MX only)" "${wanted[$what]}"
    done
}

if [ "${1-}" = inside ]; then
    inside "$2" "$3"
    exit
fi
counts=("${BENCH_COUNT:-10000}")
[ -z "${BENCH_LARGE-}" ] || counts+=(100000 1000000)
for count in "${counts[@]}"; do
    for ((round = 0; round < rounds; round++)); do
        for condition in $(conditions_of "$count"); do
            run_lab "$count" "$condition"
        done
        [ "$count" = "${counts[0]}" ] || break
    done
    rm -rf "$BENCH_WORK/population-$count"
done
print_tables "${counts[@]}"
