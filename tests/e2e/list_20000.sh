#!/bin/bash
# A list as they come: 20,000 lines with blanks, comments, CRLF, a BOM, quotes, ranks, IDN,
# duplicates, control bytes and garbage of every kind. Every line that is not skipped gives
# exactly one record, with the exact reason where it is refused, and no raw control byte gets out.
# shellcheck disable=SC2016 # jq has variables too
. "$(dirname "$0")/e2e.sh"
need zstdcat sha256sum
in_lab --count 1000

lines=20000
# domains that have a record of their own, each once
jq -r 'select(.status == "ok" or .status == "partial") | select(.tag == null) | .domain' \
    "$LAB_DIR/expected.ndjson" | sort -u | sed -n 1,797p >"$work/domains"
mapfile -t domains <"$work/domains"

long() { # long N: so many letters
    printf "%$1s" '' | tr ' ' a
}
l50=$(long 50)
refused=( # reason TAB line; the reasons a|b: both are readings of the contract
    $'url\thttps://www.lab.net/' $'url\thttp://lab.net'
    $'email\tpostmaster@lab.net'
    $'wildcard\t*.lab.net'
    $'port\tlab.net:8080'
    $'ip\t192.0.2.7' $'ip\t2001:db8::7'
    $'idna\txn--999999999.net'
    $'single_label\tintranet'
    $'label_too_long\t'"$(long 64).net"
    $'name_too_long\t'"$l50.$l50.$l50.$l50.$l50.net"
    $'empty_label\ta..net' $'empty_label\t.lab.net'
    $'encoding\tfoo bar.net' $'encoding\t\xff\xfe\xfd.net' $'encoding\texa\x01mple.net'
    $'encoding\t\x1b[31mred.net' $'encoding\tdel\x7f.net'
    $'encoding|idna\tnext\xc2\x85line.net' $'encoding|idna\tbidi\xe2\x80\xaeover.net'
    $'encoding|idna\tline\xe2\x80\xa8sep.net'
    $'too_long\t'"$(long 5000).net"
    $'special_use\tprinter.local' $'special_use\twww.test' $'special_use\ta.b.example'
    $'special_use\tx.invalid' $'special_use\tx.localhost' $'special_use\tabc.onion'
    $'special_use\tx.alt' $'special_use\tdb.internal'
)
idn=($'bücher-lab.net\txn--bcher-lab-q9a.net' $'BÜCHER-LAB.net\txn--bcher-lab-q9a.net'
    $'例え-lab.net\t')

# emit KIND VALUE TAG LINE: to the list and, with the line's number, to what is expected of it
number=0
emit() {
    number=$((number + 1))
    printf '%s\n' "$4" >&3
    printf '%s\t%s\t%s\t%s\n' "$number" "$1" "$2" "$3" >&4
}

make_list() {
    local i domain
    printf '\xef\xbb\xbf' >&3
    emit domain "${domains[0]}" '' "${domains[0]}"
    for ((i = 1; i < lines - 1; i++)); do
        domain=${domains[i % ${#domains[@]}]}
        case $((i % 20)) in
        0) emit skip '' '' '' ;;
        1) emit skip '' '' "# comment $i, with comma" ;;
        2) emit domain "$domain" '' "$domain"$'\r' ;;
        3) emit domain "$domain" '' "${domain^^}" ;;
        4) emit domain "$domain" '' "$domain." ;;
        5) emit domain "$domain" '' $' \t'"$domain  " ;;
        6) emit domain "$domain" "tag $i" "$domain,tag $i" ;;
        7) emit domain "$domain" "$i" "$i,$domain" ;;
        8) emit domain "$domain" "one, $i" "\"$domain\",\"one, $i\"" ;;
        9) emit_idn "${idn[i / 20 % ${#idn[@]}]}" ;;
        10 | 11) emit_refused "${refused[(i / 20 * 2 + i % 2) % ${#refused[@]}]}" ;;
        12) emit skip '' '' $'  \t\r' ;;
        *) emit domain "$domain" '' "$domain" ;;
        esac
    done
    printf '%s' "${domains[1]}" >&3 # the last line has no end
    printf '%s\tdomain\t%s\t\n' $lines "${domains[1]}" >&4
}

emit_idn() {
    emit foreign "${1#*$'\t'}" '' "${1%%$'\t'*}"
}

emit_refused() {
    emit refused "${1%%$'\t'*}" '' "${1#*$'\t'}"
}

make_list 3>"$work/list" 4>"$work/expected"
expect_code 0 scan "$work/list" -o "$work/out"
zstdcat "$work/out"/part-*.ndjson.zst >"$work/out.ndjson"

skipped=$(cut -f 2 "$work/expected" | grep -c '^skip$')
expect_equal "records" $((lines - skipped)) "$(wc -l <"$work/out.ndjson")"
expect_json "run.json does not account for every line" \
    '.input | .lines == $lines and .skipped == $skipped and .records == $lines - $skipped' \
    "$work/out/run.json" --argjson lines $lines --argjson skipped "$skipped"
expect_json "run.json does not know its input" '.input.sha256 == $sum' "$work/out/run.json" \
    --arg sum "$(sha256sum <"$work/list" | cut -d ' ' -f 1)"

# C0, DEL, C1, U+2028/9 and bidi controls never stand there raw
if LC_ALL=C grep -anP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]' \
    "$work/out.ndjson" | head -c 300 | cat -v | grep .; then
    fail "a control character stands raw in a record"
fi

# every line is JSON, and each record is what its line is
jq -cn --rawfile list "$work/expected" --slurpfile known "$LAB_DIR/expected.ndjson" "$closed"'
  def content: closed | del(.line, .input, .tag);
  (INDEX($known[] | select(.tag == null and .domain != null); .domain) | map_values(content)) as $by_domain
  | ($list | rtrimstr("\n") | split("\n") | map(split("\t"))) as $expected
  | reduce inputs as $r ({seen: {}, doubled: 0, wrong: []};
      $expected[$r.line - 1] as [$line, $kind, $value, $tag]
      | .doubled += (.seen[$r.line | tostring] // 0)
      | .seen[$r.line | tostring] = 1
      | if $kind == "domain" and $r.domain == $value and ($r.tag // "") == $tag
            and ($r | content) == $by_domain[$value] then .
        elif $kind == "foreign" and ($value == "" or $r.domain == $value) and $r.reason == null
            and $r.dns.status == "nxdomain" then .
        elif $kind == "refused" and ($r.status == "invalid_input" or $r.status == "excluded")
            and ($r.status == "excluded") == ($value == "special_use")
            and ($r.reason as $reason | $value | split("|") | index($reason)) != null
            and $r.mx.deployment == "not_checked" then .
        else .wrong += [{line: $r.line, expected: $kind, value: $value, tag: $tag,
            differs: (($r | content) as $a | $by_domain[$value // ""] as $b
              | if $kind == "domain" then [$a | keys[] | select($a[.] != $b[.])] else [] end),
            found: {input: $r.input[:60], status: $r.status, reason: $r.reason, domain: $r.domain, tag: $r.tag}}] end)
  | {seen: (.seen | length), doubled, wrong: (.wrong | length), examples: .wrong[:10]}' \
    "$work/out.ndjson" >"$work/result" || fail "a line is no JSON"
jq -c '.examples[]' "$work/result" >&2
jq -c 'del(.examples)' "$work/result"
expect_json "not every record is what its line is" \
    '.wrong == 0 and .doubled == 0 and .seen == $n' "$work/result" --argjson n $((lines - skipped))
