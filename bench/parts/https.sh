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

for ((round = 0; round < rounds; round++)); do
    timed "$bin/https-load" -c "$LAB_CA_FILE" -w "$window" -n "$fetches" "$BENCH_WORK/hosts" ||
        fail "https-load: $(cat "$BENCH_WORK/err")"
    ours=$(calculate "$(value_of ok) / $(value_of cpu_s)")
    each_s=$(calculate "$(value_of ok) / $(value_of seconds)")
    timed openssl s_time -connect $nameless -new -time "$s_time_seconds" -verify 2 \
        -CAfile "$LAB_CA_FILE" -www /.well-known/mta-sts.txt ||
        fail "openssl s_time: $(cat "$BENCH_WORK/err")"
    made=$(sed -n 's/^\([0-9]*\) connections in .* real seconds.*/\1/p' "$BENCH_WORK/out")
    note 'fetches per CPU second, against openssl s_time -new' "$ours" "$(calculate "$made / $cpu_s")"
    note 'fetches per second, against openssl s_time -new' "$each_s" "$(calculate "$made / $seconds")"
done

head_of_table
report 'fetches per CPU second, against openssl s_time -new' '>=0.75'
report 'fetches per second, against openssl s_time -new' '>'
