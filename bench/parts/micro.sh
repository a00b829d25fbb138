#!/bin/bash
# What the pure parts of scan cost, without network, on one core: micro.sh [NAME…].
set -eu -o pipefail
# shellcheck source=bench/parts/common.sh
. bench/parts/common.sh

"$bin/lab/lab-gen" --count "${BENCH_COUNT:-100000}" --seed 1 --out "$BENCH_WORK/population" >&2
code=0
"$bin/bench-micro" "$BENCH_WORK/population" "$@" >"$BENCH_WORK/out" || code=$?
cat "$BENCH_WORK/out"
awk -F ' *[|] *' 'NR > 2 { printf "%s, x scan\t%s\t%s\t<\n", $2, $7, $8 }' "$BENCH_WORK/out" >>"$BENCH_RESULTS"
exit $code
