#!/bin/bash
# The power fails at a random instant: the process is gone, and of what it did not sync some is
# there and some is not (tests/hostile/durable.c, power_cut.py). --resume completes the run, nothing
# is lost, and verify agrees. POWER_CUTS=100 is the long proof. No packet is sent.
. "$(dirname "$0")/e2e.sh"
. "$(dirname "$0")/hostile.sh"
need jq zstdcat python3
make_work
: "${POWER_CUTS:=12}"
RANDOM=${SEED:-7}
write_list 3000
expect_code 0 hostile_scan "$work/undisturbed"
records "$work/undisturbed" >"$work/expected"
export DURABLE=$work/durable

# A run whose process is killed before a random call, or ended by an fsync that failed (what it was
# of is then lost for good), after which the power is gone; until one gets to its end. 1 = it could
# not be resumed.
run_with_cuts() { # run_with_cuts DIR
    local out=$1 code=137
    rm -rf "$out" "$DURABLE"
    mkdir -p "$out" "$DURABLE/names" "$DURABLE/sizes"
    while [ $code = 137 ]; do
        code=0
        FAIL_CALL=any:$((1 + RANDOM % 120)):KILL,fsync:$((1 + RANDOM % 60)):EIO \
            hostile_scan "$out" --resume 2>"$work/said" || code=$?
        ! grep -q 'Input/output error' "$work/said" || code=137
        [ $code = 137 ] || continue
        cuts=$((cuts + 1))
        python3 "$root/tests/hostile/power_cut.py" "$out" "$DURABLE" "$RANDOM"
    done
    return $code
}

cuts=0 runs=0
while [ $cuts -lt "$POWER_CUTS" ]; do
    runs=$((runs + 1))
    run_with_cuts "$work/out" || fail "not resumed after a power cut: $(cat "$work/said")"
    is_whole "$work/out"
done
say "$cuts power cuts in $runs runs, and every record is there once"

# The same program without fsync: were this not noticed, the proof above would be none.
export FORGET_FSYNC=1
for _ in $(seq 20); do
    if ! run_with_cuts "$work/out" || ! "$mailcensus" verify "$work/out" >/dev/null 2>"$work/said"; then
        say "without fsync: $(cat "$work/said")"
        exit 0
    fi
done
fail "a run that syncs nothing survives power cuts: the test proves nothing"
