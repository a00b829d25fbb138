#!/bin/bash
# The lab's faulty population: name servers and policy hosts that fail in every way we could think
# of. Whole records, in recursion and in stub mode; once more from a resolver that fails itself,
# which tells the kinds of failure apart; and without leave to go to special-purpose addresses.
. "$(dirname "$0")/e2e.sh"
in_lab --count 50

scan_faults() { # scan_faults TIMEOUT_MS FLAG…
    "$mailcensus" scan "$LAB_DIR/faults.txt" --ca-file "$LAB_CA_FILE" --dns-rate 0 --https-rate 0 \
        -q --timeout "$1" --retries 1 --https-timeout 3000 "${@:2}"
}

compare_faults() { # compare_faults EXPECTED RESULT FLAG…
    "$compare" "${@:3}" "$LAB_DIR/$1.ndjson" "$work/$2.ndjson" || fail "$2 differs from $1"
}

scan_faults 400 --allow-special-addresses --root-hints "$LAB_ROOT_HINTS" -o "$work/recursion.ndjson" &
recursion=$!
scan_faults 2000 --allow-special-addresses --name-servers "$LAB_STUB" -o "$work/stub.ndjson"
compare_faults expected-faults stub --engines recursion-stub

# Where the resolver itself fails the kind of failure is exact; not where a whole server behind it does.
scan_faults 2000 --allow-special-addresses --name-servers "$LAB_FAULTY_STUB" -o "$work/direct.ndjson"
compare_faults expected-faults-direct direct --engines recursion-stub
kinds='[inputs | select(.domain | test("^fault-(all|server)-") | not)
    | {domain, dns: .dns.status, hosts: [.mx.hosts[].status], error: .mta_sts.policy.error}]
    | sort_by(.domain)[]'
jq -nc "$kinds" "$LAB_DIR/expected-faults-direct.ndjson" >"$work/kinds.expected"
jq -nc "$kinds" "$work/direct.ndjson" >"$work/kinds.found"
diff "$work/kinds.expected" "$work/kinds.found" >&2 || fail "kinds of failure differ"
for kind in malformed other_rcode refused timeout network dns_timeout dns_error; do
    grep -q "\"$kind\"" "$work/kinds.found" || fail "no domain shows $kind"
done

# The lab's policy hosts stand in 198.18.0.0/15; the resolver named on the command line is no target.
scan_faults 2000 --name-servers "$LAB_STUB" -n 1 -o "$work/closed.ndjson"
compare_faults expected-faults-closed closed --lines 1

wait $recursion || fail "exit code $? of the scan in recursion"
compare_faults expected-faults recursion --engines recursion-stub
