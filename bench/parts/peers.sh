# The peers' command lines. Each asks questions of one server, timed (common.sh), and then sets
#   count  answers that came            lost   questions that had to be asked again, or never
#                                              were answered
#   each_s answers a second             us     CPU time of the client for each, in microseconds
# All read the same questions: "NAME TYPE" in $questions; massdns and zdns one type a run.
# shellcheck shell=bash disable=SC2034,SC2154 # variables are for, and from, those who source it

rates() { # rates SECONDS
    each_s=$(calculate "$count / $1")
    us=$(calculate "$cpu_s * 1000000 / $count")
}

# our own: resolver.h
run_mailcensus() { # run_… SERVER QUESTIONS WINDOW
    timed "$bin/dns-load" -w "$3" -t 2000 -r 3 "$1" "$2" || true
    count=$(value_of count) lost=$(($(value_of lost) + $(value_of again)))
    rates "$(value_of seconds)"
}

# It does nothing with the answers, and asks nothing again.
run_dnsperf() {
    timed dnsperf -s "$1" -d "$2" -q "$3" -c 8 -T 1 -n 1 -t 2 || true
    count=$(sed -n 's/^ *Queries completed: *\([0-9]*\).*/\1/p' "$BENCH_WORK/out")
    lost=$(sed -n 's/^ *Queries lost: *\([0-9]*\).*/\1/p' "$BENCH_WORK/out")
    rates "$(sed -n 's/^ *Run time (s): *//p' "$BENCH_WORK/out")"
}

run_massdns() { # run_… SERVER QUESTIONS WINDOW [TYPE]
    cut -d ' ' -f 1 "$2" >"$BENCH_WORK/names"
    printf '%s\n' "$1" >"$BENCH_WORK/resolvers"
    timed "$MASSDNS" -r "$BENCH_WORK/resolvers" -t "${4:-TXT}" -s "$3" -i 2000 -c 4 --verify-ip \
        --root --status-format json -o J -w /dev/null "$BENCH_WORK/names" || true
    # of its last report: how many needed no second query, in percent with two digits
    read -r count lost < <(tail -n 1 "$BENCH_WORK/err" | jq -r '"\(.success_total) \(
        .processed_queries * (1 - (.failures | capture("^0: (?<first>[0-9.]+)%").first | tonumber) / 100)
        + .processed_queries - .success_total | round)"')
    rates "$seconds"
}

# It does not tell what it asked twice: only what was never answered is counted as lost.
run_zdns() { # run_… SERVER QUESTIONS WINDOW [TYPE]
    local processes=1
    [ -z "${both-}" ] || processes=2
    cut -d ' ' -f 1 "$2" >"$BENCH_WORK/names"
    timed "$ZDNS" "${4:-TXT}" --name-servers "$1:53" --local-addr 198.18.0.1 --threads "$3" \
        --go-processes $processes --retries 3 --timeout 2 --input-file "$BENCH_WORK/names" \
        --output-file /dev/null --metadata-file "$BENCH_WORK/metadata" || true
    read -r count lost < <(jq -r '(.statuses | (.NOERROR // 0) + (.NXDOMAIN // 0)) as $came
        | "\($came) \(.names - $came)"' "$BENCH_WORK/metadata")
    rates "$seconds"
}
