#!/bin/bash
# check and check-host in the lab: the record that scan writes, a page that speaks of each of its
# findings, clean text whatever is published, and the exit codes.
. "$(dirname "$0")/e2e.sh"
need script iconv
in_lab --count "${LAB_COUNT:-1000}"
cd "$work"

check() {
    "$mailcensus" check --ca-file "$LAB_CA_FILE" --allow-special-addresses \
        --root-hints "$LAB_ROOT_HINTS" "$@"
}

check_host() {
    "$mailcensus" check-host --ca-file "$LAB_CA_FILE" --allow-special-addresses \
        --root-hints "$LAB_ROOT_HINTS" "$@"
}

# ---- the record is scan's ------------------------------------------------------------------

# for every code of the population a domain that has it
jq -rs '[.[] | select(.status == "ok") | {domain, code: .findings[].code}]
    | group_by(.code) | map(.[0].domain) | unique | .[]' "$LAB_DIR/expected.ndjson" >list
mapfile -t domains <list
[ "${#domains[@]}" -gt 50 ] || fail "the lab has only ${#domains[@]} kinds of domains"
comparable='del(.scanned_at, .duration_ms, .dns.queries, .dns.retries, .dns.engine)
    | del(.mta_sts.policy.duration_ms, .mta_sts.policy.address) | del(.. | .ttl?)'
expect_code 0 scan list -q -o scan.ndjson
check --json "${domains[@]}" >check.ndjson || fail "exit code $? of check --json"
jq -cS "$comparable" check.ndjson >check.lines
expect_equal "order of check's records" "$(cat list)" "$(jq -r .input check.ndjson)"
jq -cS "$comparable" scan.ndjson | jq -cs 'sort_by(.line) | .[]' >scan.lines
cmp scan.lines check.lines || fail "check --json says something else than scan"
check --json --name-servers "$LAB_STUB" "${domains[@]:0:5}" | jq -cS "$comparable" >stub.lines
head -n 5 scan.lines | cmp - stub.lines || fail "check --json through a resolver says something else"

# ---- the page speaks of every finding, and stays clean -------------------------------------

check "${domains[@]}" >pages || fail "exit code $? of check"
[ -z "$(LC_ALL=C tr -d '\n -~\200-\377' <pages)" ] || fail "control bytes in a page"
iconv -f UTF-8 -t UTF-8 pages >/dev/null || fail "a page is not UTF-8"
[ "$(LC_ALL=C.UTF-8 wc -L <pages)" -le 100 ] || fail "a page is wider than 100 columns"
index=0
for domain in "${domains[@]}"; do
    check "$domain" >page
    sed -n "$((++index))p" check.ndjson >record
    jq -r '.findings[].code' record | sort -u >codes
    while read -r code; do
        grep -qF " $code" page || fail "the page of $domain does not speak of $code"
    done <codes
    expect_equal "codes on the page of $domain" "$(wc -l <codes)" \
        "$(grep -cE '^    (error|warning) +[a-z_.]+' page)"
done

# ---- colours on a terminal only ------------------------------------------------------------

colours() { # colours NAME=VALUE…: how many lines of a page on a terminal hold an escape
    env "$@" MAILCENSUS="$mailcensus" script -qec '"$MAILCENSUS" check --allow-special-addresses \
        --root-hints "$LAB_ROOT_HINTS" --checks spf mailfarm.net' /dev/null </dev/null |
        grep -c $'\033' || true
}
[ "$(colours TERM=xterm NO_COLOR=)" -gt 0 ] || fail "no colours on a terminal"
expect_equal "lines with colours under NO_COLOR" 0 "$(colours TERM=xterm NO_COLOR=1)"
expect_equal "lines with colours on a dumb terminal" 0 "$(colours TERM=dumb NO_COLOR=)"

# ---- exit codes ----------------------------------------------------------------------------

expect_code 1 check https://mailfarm.net/ mailfarm.net >out
grep -q '^https://mailfarm.net/$' out || fail "what is no domain is not shown"
grep -q '^mailfarm.net$' out || fail "the domain beside what is none is not shown"
expect_code 1 check --json mail.test >out
expect_equal "the record of a special name" '"excluded" "special_use"' \
    "$(jq -c '.status, .reason' out | paste -sd' ')"
expect_code 1 check --name-servers 198.18.255.255 --timeout 50 --retries 0 mailfarm.net >out
grep -q 'None of the questions' out || fail "a domain without any answer is not called so"
refused() { # refused WORD COMMAND ARGUMENT…: 2, a message with WORD, nothing on stdout
    local word=$1
    shift
    expect_code 2 "$mailcensus" "$@" >out 2>err
    grep -qi -e "$word" err || fail "the message does not say '$word': $* ($(head -n 3 err))"
    [ ! -s out ] || fail "something on stdout: $*"
}
refused DOMAIN check
refused 'no domain' check '# a comment'
refused 'no domain' check mailfarm.net ''
refused name-servers check --name-servers nowhere mailfarm.net
refused workers check --workers 3 mailfarm.net
refused helo check-host --ip 192.0.2.1
refused '--ip' check-host --helo mailfarm.net --mail-from mailfarm.net
refused 192.0.2 check-host --ip 192.0.2 --helo mailfarm.net
refused operand check-host --ip 192.0.2.1 --helo mailfarm.net mailfarm.net
refused name-servers check-host --ip 192.0.2.1 --helo a.net --name-servers nowhere

# ---- check-host ----------------------------------------------------------------------------

expect_result() { # expect_result JSON ARGUMENT…: what is printed, but for the reason
    local expected=$1
    shift
    check_host "$@" >out || fail "exit code $? of check-host $*"
    expect_equal "lines of check-host $*" 1 "$(wc -l <out)"
    expect_equal "keys of check-host $*" '["result","reason","lookups","void_lookups"]' \
        "$(jq -c 'keys_unsorted' out)"
    expect_equal "check-host $*" "$expected" "$(jq -c '[.result, .lookups, .void_lookups]' out)"
}
farm=20.60.0.5
expect_result '["pass",1,0]' --ip $farm --helo mail.mailfarm.net --mail-from a@mailfarm.net
expect_result '["pass",1,0]' --ip ::ffff:$farm --helo mail.mailfarm.net --mail-from '<a@mailfarm.net>'
expect_result '["pass",1,0]' --ip $farm --helo mail.mailfarm.net --mail-from mailfarm.net
expect_result '["pass",1,0]' --ip $farm --helo mailfarm.net --mail-from ''
expect_result '["pass",1,0]' --ip $farm --helo mailfarm.net
expect_result '["fail",1,0]' --ip 192.0.2.1 --helo mailfarm.net --mail-from a@mailfarm.net
expect_result '["fail",1,0]' --ip 2001:db8::1 --helo mailfarm.net --mail-from a@mailfarm.net
expect_result '["softfail",2,0]' --ip 192.0.2.1 --helo a.net --mail-from a@_spf.bulkpost.net
expect_result '["permerror",0,0]' --ip 192.0.2.1 --helo a.net --mail-from a@broken.spf-lab.net
expect_result '["permerror",0,0]' --ip 192.0.2.1 --helo a.net --mail-from a@two.spf-lab.net
expect_result '["none",0,0]' --ip 192.0.2.1 --helo a.net --mail-from a@no-spf.spf-lab.net
expect_result '["none",0,0]' --ip 192.0.2.1 --helo '[192.0.2.1]' --mail-from ''
expect_result '["none",0,0]' --ip 192.0.2.1 --helo single --mail-from ''
expect_result '["pass",1,0]' --ip $farm --helo a.net --mail-from a@mailfarm.net \
    --name-servers "$LAB_STUB"
expect_result '["temperror",0,0]' --ip $farm --helo a.net --mail-from a@mailfarm.net \
    --name-servers 198.18.255.255 --timeout 50 --retries 0
# the explanation of a fail (RFC 7208 6.2); without one that can be had there is no such key
whose_record() { # whose_record TEXT: the first domain with an SPF record like that
    jq -r --arg text "$1" 'select(.spf.record != null and .domain != null)
        | .domain as $domain | select(.spf.record == ($text | gsub("DOMAIN"; $domain))) | .domain' \
        "$LAB_DIR/expected.ndjson" | sed -n 1p
}
expect_whole() { # expect_whole JSON ARGUMENT…: the whole line that is printed
    local expected=$1
    shift
    check_host "$@" >out || fail "exit code $? of check-host $*"
    expect_equal "check-host $*" "$expected" "$(cat out)"
}
explains=$(whose_record 'v=spf1 exp=explain.DOMAIN -all')
expect_whole '{"result":"fail","reason":"'"'-all' in the record of $explains matches"'","lookups":0,"void_lookups":0,"explanation":"192.0.2.1 is no sender of '"$explains"'. See https://mail.mailfarm.net/in-addr?sender=joe%2Blist%40'"$explains"'%20"}' \
    --ip 192.0.2.1 --helo mail.mailfarm.net --mail-from "joe+list@$explains"
lacks=$(whose_record 'v=spf1 -all exp=explain.DOMAIN') # the name does not exist
expect_whole '{"result":"fail","reason":"'"'-all' in the record of $lacks matches"'","lookups":0,"void_lookups":0}' \
    --ip 192.0.2.1 --helo mail.mailfarm.net --mail-from "joe@$lacks"
say "${#domains[@]} pages, all as they should be"
