#!/bin/bash
# Every code of the schema is expected of at least one domain of the lab, healthy or faulty, and
# nothing is expected that the schema does not know.
. "$(dirname "$0")/e2e.sh"
need jq
[ -x "$mailcensus" ] || fail "$mailcensus is not built"
make_work

"$MAILCENSUS_BUILD/bench/lab/lab-gen" --count 10000 --out "$work/lab" >&2
"$mailcensus" schema | jq -r '[.. | objects | .code? | .enum? // empty] | add[]' | sort >"$work/codes"
expect_json "the schema lists no codes" '. > 100' <(wc -l <"$work/codes")
# what the runs of lab_faults.sh and lab_recursion.sh compare with
jq -r '.findings[].code' "$work/lab/expected.ndjson" "$work"/lab/expected-faults*.ndjson |
    sort -u >"$work/expected"
comm -23 "$work/codes" "$work/expected" >"$work/missing"
comm -13 "$work/codes" "$work/expected" >"$work/unknown"
cat "$work/missing" "$work/unknown" >&2
[ ! -s "$work/missing" ] || fail "no domain of the lab shows these codes"
[ ! -s "$work/unknown" ] || fail "the schema does not know these codes"
say "all $(wc -l <"$work/codes") codes"
