#!/bin/bash
# The machine runs short of descriptors or of local ports. That is no domain's fault: the scan takes
# less at a time, waits, and every record is what it would have been.
. "$(dirname "$0")/e2e.sh"
need zstdcat sha256sum prlimit python3
in_lab --count 1000
list=$LAB_DIR/domains.txt
modes=(stub recursion)

flags_of() { # flags_of MODE: into $flags
    if [ "$1" = stub ]; then flags=(--name-servers "$LAB_STUB"); else flags=(--root-hints "$LAB_ROOT_HINTS"); fi
}

is_right() { # is_right DIR
    check_run "$1" "$list"
    "$compare" "$LAB_DIR/expected.ndjson" "$1"
    rm -rf "$1"
}

is_told() { # is_told NAME: the shortage, once, if there was one
    expect_equal "how often a shortage is told by $1" \
        "$(jq '[1, .https.shortages + .dns.shortages] | min' "$work/out/run.json")" \
        "$(grep -c 'short of open files or local ports' "$work/said" || true)"
}

limited_scan() { # limited_scan LIMIT ARGUMENT…
    (
        ulimit -n "$1"
        "$mailcensus" scan "$list" "${lab_flags[@]}" --workers 2 -o "$work/out" "${@:2}"
    )
}

for mode in "${modes[@]}"; do
    flags_of "$mode"
    expect_code 1 limited_scan 95 "${flags[@]}" 2>"$work/said"
    grep -q 'limit of open files (ulimit -n) is 95: 2 workers need 96' "$work/said" ||
        fail "too few descriptors: $(cat "$work/said")"
    expect_code 0 limited_scan 96 --resume "${flags[@]}" 2>"$work/said"
    expect_equal "times that the limit was told" 1 "$(grep -c 'ulimit -n' "$work/said")"
    is_right "$work/out"
done
say "few descriptors: right"

# Somebody takes most of them away while the scan runs, and gives them back later, when a policy fetch would
# have been out of time.
for mode in "${modes[@]}"; do
    flags_of "$mode"
    "$mailcensus" scan "$list" "${lab_flags[@]}" -q -o "$work/out" --dns-rate 2000 --https-timeout 2500 \
        "${flags[@]}" &
    scanner=$!
    sleep 1
    prlimit --pid $scanner --nofile="$(($(find /proc/$scanner/fd | wc -l) - 3)):" # the soft limit
    sleep 4
    [ "$mode" = recursion ] || kill -0 $scanner 2>/dev/null || fail "it had ended before"
    prlimit --pid $scanner --nofile=4096: || fail "it had ended before"
    await_end 120
    expect_equal "exit code of $mode" 0 "$code"
    is_right "$work/out"
done
say "descriptors taken away: right"

# Few local ports: a connection that has ended keeps its own, here for a second instead of a minute.
ipv4=/proc/sys/net/ipv4
{ echo 1 >$ipv4/tcp_tw_reuse && echo '40000 40007' >$ipv4/ip_local_port_range; } 2>/dev/null ||
    skip "the range of local ports cannot be set here"
for mode in "${modes[@]}"; do
    flags_of "$mode"
    "$mailcensus" scan "$list" "${lab_flags[@]}" -q -o "$work/out" --workers 1 --max-in-flight 400 "${flags[@]}" \
        2>"$work/said"
    is_told "$mode"
    is_right "$work/out"
done
say "few local ports: right"

# The same where every question needs a connection: hundreds of them through 48 ports.
head -n 100 "$LAB_DIR/domains.txt" >"$work/some"
head -n 100 "$LAB_DIR/expected.ndjson" >"$work/expected.ndjson"
"$root/tests/e2e/truncate.py" 127.0.0.77 "$LAB_STUB" &
trap 'kill $!; rm -rf "$work"' EXIT
echo '40000 40047' >$ipv4/ip_local_port_range
sleep 1
expect_code 0 "$mailcensus" scan "$work/some" "${lab_flags[@]}" -q -o "$work/out" --workers 1 --name-servers 127.0.0.77 \
    2>"$work/said"
expect_json "DNS over TCP was not short of ports" '.dns.shortages > 0' "$work/out/run.json"
is_told "DNS over TCP"
check_run "$work/out" "$work/some"
"$compare" "$work/expected.ndjson" "$work/out"
say "few local ports for DNS over TCP: right"
