# shellcheck shell=bash
# What every end-to-end script begins with:  . "$(dirname "$0")/e2e.sh"
#
#   in_lab OPTION…   outside: starts the lab with these options, runs this script again inside it
#                    and ends with its exit code; inside: goes on
#   scan ARGUMENT…   mailcensus scan against the lab, from its roots
#   start_scan …     the same in the background: $scanner is its process id
#   work             a folder of this run, removed at the end
#
# Exit codes: 0 good, 77 cannot be tested here (CTest: skipped), anything else bad.
# shellcheck disable=SC2016 # jq has variables too
set -eu -o pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
: "${MAILCENSUS_BUILD:=$root/build/dev}"
export MAILCENSUS_BUILD
mailcensus=$MAILCENSUS_BUILD/scanner/mailcensus
# shellcheck disable=SC2034 # for the scripts
compare=$MAILCENSUS_BUILD/bench/lab/lab-compare
this=$root/tests/e2e/$(basename "$0")
PATH=$PATH:/usr/sbin:/sbin

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "FAILED: $*"
    exit 1
}

skip() {
    if [ "${MAILCENSUS_NO_SKIP-}" = 1 ]; then
        fail "may not be skipped (MAILCENSUS_NO_SKIP=1): $*"
    fi
    say "skipped: $*"
    exit 77
}

need() { # need TOOL…
    local tool
    for tool in "$@"; do
        command -v "$tool" >/dev/null || skip "$tool is missing (./dev setup)"
    done
}

in_lab() {
    need jq
    [ -x "$mailcensus" ] || fail "$mailcensus is not built"
    if [ -n "${E2E_INSIDE-}" ]; then
        make_work
        return
    fi
    local code=0
    E2E_INSIDE=1 "${lab_user[@]}" "${lab:-$root/bench/lab/lab}" "$@" run -- "$this" || code=$?
    [ $code -ne 77 ] || skip "the lab cannot run here"
    exit $code
}
lab_user=()

make_work() {
    work=$(mktemp -d "${TMPDIR:-/tmp}/e2e.XXXXXX")
    trap 'rm -rf "$work"' EXIT
}

lab_flags=(--ca-file "${LAB_CA_FILE-}" --allow-special-addresses --dns-rate 0 --https-rate 0
    --contact postmaster@lab.net)

scan() {
    "$mailcensus" scan "${lab_flags[@]}" --root-hints "$LAB_ROOT_HINTS" "$@"
}

start_scan() { # a shell makes what it starts in the background deaf for SIGINT, and takes its stdin
    env --default-signal=INT "$mailcensus" scan "${lab_flags[@]}" \
        --root-hints "$LAB_ROOT_HINTS" "$@" <&0 &
    scanner=$!
}

expect_code() { # expect_code CODE COMMAND…
    local expected=$1
    shift
    code=0
    "$@" || code=$?
    [ $code = "$expected" ] || fail "exit code $code instead of $expected: $*"
}

expect_equal() { # expect_equal WHAT EXPECTED FOUND
    [ "$2" = "$3" ] || fail "$1: expected $2, found $3"
}

# jq -e with a reason: expect_json WHAT FILTER FILE [JQ ARGUMENT…]
expect_json() {
    local what=$1 filter=$2 file=$3
    shift 3
    jq -e "$@" "$filter" "$file" >/dev/null || {
        say "in $file: $filter"
        jq -c . "$file" 2>/dev/null | head -c 2000 >&2 || true
        fail "$what"
    }
}

# run.json and the parts of a complete run of LIST agree with each other and with LIST.
check_run() { # check_run DIR LIST
    local run=$1/run.json lines file
    lines=$(wc -l <"$2")
    expect_json "run.json does not account for every line" \
        '.input | .lines == $lines and .lines == .skipped + .records + .other_shards' \
        "$run" --argjson lines "$lines"
    expect_json "run.json does not know its input" '.input.sha256 == $sum' "$run" \
        --arg sum "$(sha256sum <"$2" | cut -d ' ' -f 1)"
    expect_json "the parts do not hold every record" \
        '([.parts[].rows] | add) == .input.records' "$run"
    expect_equal "files beside run.json" \
        "$(jq -r '.parts[].file' "$run" | sort)" "$(find "$1" -name 'part-*' -printf '%f\n' | sort)"
    jq -r '.parts[] | "\(.sha256)  \(.file)"' "$run" >"$work/sums"
    (cd "$1" && sha256sum --quiet -c "$work/sums") || fail "a part is not what run.json says"
    jq -r '.parts[] | "\(.rows) \(.file)"' "$run" | while read -r rows file; do
        expect_equal "rows of $file" "$rows" "$(zstdcat "$1/$file" | wc -l)"
    done
}

# Waits until FILE holds at least LINES lines: await_lines FILE LINES SECONDS
await_lines() {
    local deadline=$((SECONDS + $3))
    until [ -e "$1" ] && [ "$(wc -l <"$1")" -ge "$2" ]; do
        kill -0 "$scanner" 2>/dev/null || fail "the scan ended before $2 records were written"
        [ $SECONDS -lt $deadline ] || fail "no $2 records within $3 s"
        sleep 0.05
    done
}

# Waits for the end of the scan, which must come within SECONDS: await_end SECONDS; $code is its
# exit code.
await_end() {
    local deadline=$((SECONDS + $1))
    while kill -0 "$scanner" 2>/dev/null; do
        if [ $SECONDS -ge $deadline ]; then
            kill -KILL "$scanner"
            fail "still running after $1 s"
        fi
        sleep 0.05
    done
    code=0
    wait "$scanner" || code=$?
}

# In jq: a record without what the contract leaves open.
# shellcheck disable=SC2034 # for the scripts
closed='def closed: del(.scanned_at, .duration_ms, .dns.queries, .dns.retries, .dns.engine,
    .spf.ttl, .dmarc.ttl, .mta_sts.ttl, .tls_rpt.ttl, .mta_sts.policy.duration_ms,
    .mta_sts.policy.address);'
