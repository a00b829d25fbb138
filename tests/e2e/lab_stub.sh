#!/bin/bash
# The lab's whole population again, asking a recursive resolver (stub mode): the same records. And
# a part of it without the answer cache: the same records for more queries; with one worker and
# with three: the same records.
. "$(dirname "$0")/e2e.sh"
need zstdcat sha256sum
in_lab --count "${LAB_COUNT:-10000}"

stub() { # stub LIST DIR OPTION…
    expect_code 0 "$mailcensus" scan "$1" -o "$2" "${lab_flags[@]}" --name-servers "$LAB_STUB" "${@:3}"
    check_run "$2" "$1"
    "$compare" --lines "$(wc -l <"$1")" "$LAB_DIR/expected.ndjson" "$2"
}

stub "$LAB_DIR/domains.txt" "$work/out"

head -n 1000 "$LAB_DIR/domains.txt" >"$work/some.txt"
stub "$work/some.txt" "$work/cached" --workers 1
stub "$work/some.txt" "$work/uncached" --workers 3 --cache-size 0
queries='(.dns.queries - .dns.retries)'
expect_json "a cache of size 0 answered something" '.dns.cache_hits + .dns.coalesced == 0' \
    "$work/uncached/run.json"
expect_json "the cache saved no queries" ".dns.cache_hits > 0 and $queries < \$uncached * 0.95" \
    "$work/cached/run.json" --argjson uncached "$(jq "$queries" "$work/uncached/run.json")"

# What getdns cannot do is told, not found out from missing answers.
echo 0 >/proc/sys/net/ipv4/tcp_fastopen
"$mailcensus" scan "$work/some.txt" -n 1 --name-servers "$LAB_STUB" "${lab_flags[@]}" -q >"$work/one" 2>"$work/said"
expect_equal "how often it is said that TCP is not possible" 1 "$(grep -c 'tcp_fastopen is off' "$work/said")"
