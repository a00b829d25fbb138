#!/bin/bash
# Every record of a scan of the lab is what `mailcensus schema` says, the schema is a schema, and it
# refuses records that differ in a key, a type or an enum. The providers of a file of rules stand in
# the records.
. "$(dirname "$0")/e2e.sh"
need python3 zstdcat
python3 -c 'import jsonschema' 2>/dev/null || skip "python3-jsonschema is missing (./dev setup)"
in_lab --count 1000

"$mailcensus" schema >"$work/schema.json"
"$mailcensus" schema --duckdb >"$work/columns"
printf 'mx *.mailfarm.net Mail Farm\nns *.dns-a.net Name Farm\n' >"$work/providers"
expect_code 0 scan "$LAB_DIR/domains.txt" -o "$work/out" --probe-orphan-policies \
    --sender-ip 192.0.2.1 --providers "$work/providers"
zstdcat "$work/out"/part-*.ndjson.zst >"$work/out.ndjson"
expect_equal records "$(jq .input.records "$work/out/run.json")" "$(wc -l <"$work/out.ndjson")"

cat >"$work/validate.py" <<'END_OF_PYTHON'
import collections, copy, json, sys
from jsonschema import Draft202012Validator

schema = json.load(open(sys.argv[1]))
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)
statuses, good, bad = collections.Counter(), None, 0
for line in open(sys.argv[2], encoding="utf-8", newline="\n"):
    record = json.loads(line)
    statuses[record["status"]] += 1
    if record["mta_sts"]["policy"]["tls"] and record["findings"] and record["mx"]["hosts"]:
        good = record
    for error in validator.iter_errors(record):
        bad += 1
        print(record["line"], list(error.absolute_path), error.message[:200])
    if list(record) != schema["required"]:
        bad += 1
        print(record["line"], "keys stand in another order")
print(dict(statuses), "wrong:", bad)

def changed(*path, value=None, drop=False):
    record = copy.deepcopy(good)
    at = record
    for key in path[:-1]:
        at = at[key]
    if drop:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return record

wrong = {
    "a key is missing": changed("spf", "ttl", drop=True),
    "a key is unknown": changed("mta_sts", "policy", "tls", "colour", value="red"),
    "a status is unknown": changed("status", value="good"),
    "a code is unknown": changed("findings", 0, "code", value="spf.horoscope"),
    "a code stands twice": changed("mx", "warnings", value=["implicit_mx"] * 2),
    "a code is another protocol's": changed("mx", "warnings", value=["no_all"]),
    "null where none may be": changed("mx", "hosts", 0, "status"),
    "a number is text": changed("line", value="1"),
    "a list is an object": changed("ns", "hosts", value={}),
    "a time without zone": changed("scanned_at", value="2026-01-01T00:00:00.000"),
    "a count is negative": changed("dns", "queries", value=-1),
}
for what, record in wrong.items():
    if validator.is_valid(record):
        bad += 1
        print("the schema accepts a record where", what)
assert validator.is_valid(good)
sys.exit(bad > 0 or not {"ok", "invalid_input", "excluded"} <= set(statuses))
END_OF_PYTHON
python3 "$work/validate.py" "$work/schema.json" "$work/out.ndjson" >&2 || fail "not every record is valid"

expect_json "no record has a provider of the file" \
    '[inputs | select(.mx.provider == "Mail Farm" and .ns.provider == "Name Farm")] | length > 100' \
    "$work/out.ndjson" -n
expect_json "run.json does not tell the file of rules" '.configuration.providers == $file' \
    "$work/out/run.json" --arg file "$work/providers"

# the columns are the keys of the schema
jq -r '.. | objects | .properties? // empty | keys_unsorted[]' "$work/schema.json" | sort >"$work/keys"
grep -oE "'[a-z0-9_]+': |\"[a-z0-9_]+\" " "$work/columns" | tr -d "'\": " | sort >"$work/columns.keys"
cmp "$work/keys" "$work/columns.keys" >&2 || fail "the columns are not the schema's keys"
