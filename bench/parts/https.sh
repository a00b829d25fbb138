#!/bin/bash
# Policy fetches through fetch.h beside openssl s_time -new: per second of CPU of the client.
# Same nginx, one core each, in turn.
set -eu -o pipefail
# shellcheck source=bench/parts/common.sh
. bench/parts/common.sh

fetches=${BENCH_FETCHES:-4000}
s_time_seconds=${BENCH_S_TIME_SECONDS:-3}
window=${BENCH_HTTPS_WINDOW:-16}
nameless=198.18.4.30:443

if [ "${1-}" != inside ]; then
    exec $lab --count "${BENCH_COUNT:-10000}" run -- bench/parts/https.sh inside
fi

read_cores
pin_servers
jq -r '.mta_sts.policy | select(.stage == "ok") | "\(.url | split("/")[2]) \(.address)"' \
    "$LAB_DIR/expected.ndjson" | sort -u | shuf --random-source=<(yes) >"$BENCH_WORK/hosts"
say "$(wc -l <"$BENCH_WORK/hosts") policy hosts; $fetches fetches, $window at a time, a round"

# It tells how many connections it made; a handshake or certificate that fails ends it.
run_s_time() { # run_s_time ARGUMENT…: sets made
    timed openssl s_time -connect $nameless -new -time "$s_time_seconds" "$@" ||
        fail "openssl s_time: $(cat "$BENCH_WORK/err")"
    made=$(sed -n 's/^\([0-9]*\) connections in .* real seconds.*/\1/p' "$BENCH_WORK/out")
}

# peer -> what it is told: to do the same, or the handshake alone, whoever the server is
declare -A peers=(
    ['openssl s_time -new, verifying and fetching']="-verify 2 -CAfile $LAB_CA_FILE -www /.well-known/mta-sts.txt"
    ['openssl s_time -new, handshake only']='-no-CAfile -no-CApath')

for ((round = 0; round < rounds; round++)); do
    timed "$bin/https-load" -c "$LAB_CA_FILE" -w "$window" -n "$fetches" "$BENCH_WORK/hosts" ||
        fail "https-load: $(cat "$BENCH_WORK/err")"
    ours=$(calculate "$(value_of ok) / $(value_of cpu_s)")
    for peer in "${!peers[@]}"; do
        # shellcheck disable=SC2086 # words are wanted
        run_s_time ${peers[$peer]}
        note "fetches per CPU second, against $peer" "$ours" "$(calculate "$made / $cpu_s")"
    done
done

head_of_table
for peer in "${!peers[@]}"; do
    report "fetches per CPU second, against $peer" '>=0.75'
done
