#!/bin/bash
# Clocks leap while a scan runs: the wall clock forwards and backwards, by an hour, by a year, to
# before 1970; the monotonic one as after a sleep that nobody was told of. No duration
# is negative, every record is what it would have been.
. "$(dirname "$0")/e2e.sh"
. "$(dirname "$0")/hostile.sh"
need zstdcat sha256sum
in_lab --count 500 --delay-ms 20
list=$LAB_DIR/domains.txt

leaping() { # leaping LEAPS FLAG…: into $work/out
    rm -rf "$work/out"
    CLOCK_LEAP=$1 LD_PRELOAD=$hostile_library "$mailcensus" scan "$list" "${lab_flags[@]}" -q \
        -o "$work/out" --dns-rate 1300 --max-in-flight 100 --https-timeout 4000 "${@:2}"
    check_run "$work/out" "$list"
    zstdcat "$work/out"/part-* >"$work/rows"
    # a sleep counts as time, and so does a second attempt of the recursion after it (22 s)
    jq -c 'select([.duration_ms, (.mta_sts.policy.duration_ms // 0)] | any(. < 0 or . > 70000))' \
        "$work/rows" >"$work/strange"
    [ ! -s "$work/strange" ] || fail "durations after $1: $(head -n 1 "$work/strange")"
}

for mode in "--name-servers $LAB_STUB" "--root-hints $LAB_ROOT_HINTS"; do
    read -ra flags <<<"$mode"
    # an hour: certificates of the lab hold for longer
    leaping realtime:3600@700,realtime:-7200@1400 "${flags[@]}"
    "$compare" "$LAB_DIR/expected.ndjson" "$work/out"
    leaping monotonic:30@1000 "${flags[@]}"
    "$compare" "$LAB_DIR/expected.ndjson" "$work/out"

    # more than a certificate lives: without policies
    flags+=(--checks 'mx,ns,spf,dmarc,tls_rpt')
    leaping '' "${flags[@]}"
    jq -cS "$closed closed" "$work/rows" | sort >"$work/undisturbed"
    leaping realtime:31536000@700,realtime:-63072000@1000,realtime:-2000000000@1300 "${flags[@]}"
    jq -cS "$closed closed" "$work/rows" | sort | cmp - "$work/undisturbed" ||
        fail "records change with the wall clock"
    grep -q '"scanned_at":"19[56]' "$work/rows" || fail "the clock did not leap to before 1970"
done
say "clocks leap, records do not"
