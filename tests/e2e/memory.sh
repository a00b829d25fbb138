#!/bin/bash
# Memory runs out, at one allocation after the other (tests/hostile/malloc.c). A scan ends with every
# record right, or says in one sentence that it has none, and goes on with --resume where it
# stopped. The other commands say what they always say, or that sentence. FAIL_ONLY=libunbound and the
# like choose whose allocations fail.
#
# What getdns 1.6.0 asks for itself is left out: it uses what it did not get (getdns_dict_set_int,
# getdns_str2dict, getdns_str2list, getdns_context_create and others end in SIGSEGV) or passes over it
# (getdns_context_config leaves settings out and says GETDNS_RETURN_GOOD).
#
#   TORTURE_MODE    stub, recursion, commands (all)   TORTURE_FROM TORTURE_TO  the first and last to fail
#   TORTURE_RUNS    so many of them, evenly           TORTURE_COUNT  how many fail in a row (1; 0: all after)
#   TORTURE_KEEP    a folder for what was found wrong: all runs are made; else the first wrong one is the last
. "$(dirname "$0")/e2e.sh"
need zstdcat timeout
hostile=$MAILCENSUS_BUILD/tests/hostile/libhostile_malloc.so
[ -e "$hostile" ] || skip "no allocation can be made to fail in this build"
in_lab --server answer --count 500
export FAIL_EXCEPT=${FAIL_EXCEPT-libgetdns}
: "${TORTURE_MODE:=stub recursion commands}" "${TORTURE_RUNS:=25}" "${TORTURE_FROM:=1}" "${TORTURE_COUNT:=1}"

# Every way a policy fetch can end, and some lines beside.
jq -cn 'reduce inputs as $r ({}; .[$r | "\(.status) \(.mta_sts.policy.error) \(.dmarc.deployment)"] //= $r)
    | .[]' "$LAB_DIR/expected.ndjson" >"$work/chosen"
jq -r .line "$work/chosen" | while read -r line; do sed -n "${line}p" "$LAB_DIR/domains.txt"; done >"$work/list"
jq -c '.line = input_line_number' "$work/chosen" >"$work/expected.ndjson"
fetches=$(jq -s 'map(select(.mta_sts.policy.stage | . != "not_fetched" and . != "dns")) | length' \
    "$work/expected.ndjson")
[ "$fetches" -ge 20 ] || fail "only $fetches of the domains have a policy"

hostile() { # hostile N COMMAND…: with allocation number N failing; 0: none
    local n=$1
    shift
    timeout -s KILL 90 env "FAIL_ALLOCATION=$n" "FAIL_COUNT=$TORTURE_COUNT" "FAIL_REPORT=$work/report" \
        "LD_PRELOAD=$hostile" "$@"
}

friendly() { # friendly N COMMAND…: with none
    shift
    "$@"
}

says_so() { # one sentence, and it is this one
    [ "$(wc -l <"$work/said")" = 1 ] && grep -q 'memory\|no thread' "$work/said"
}

scan_list() { # scan_list hostile|friendly N FLAG…
    "$1" "$2" "$mailcensus" scan "$work/list" -q "${lab_flags[@]}" "${mode[@]}" --workers 2 \
        --part-rows 20 -o "$work/out" "${@:3}" 2>"$work/said"
}

is_right() { # the run is complete, and right
    "$mailcensus" verify "$work/out" >"$work/verified" 2>&1 &&
        "$compare" "$work/expected.ndjson" "$work/out" >"$work/compared" 2>&1
}

# What is wrong with a scan in which allocation number N failed; nothing if nothing is.
judge_scan() { # judge_scan N
    local code=0
    rm -rf "$work/out"
    scan_list hostile "$1" || code=$?
    ending $code
    case $code in
    0) is_right || echo "exit code 0, but the run is not right" && return ;;
    1 | 75) says_so || echo "exit code $code, but not one sentence that tells of memory" ;;
    *) echo "exit code $code" ;;
    esac
    cp "$work/said" "$work/said.first"
    scan_list friendly 0 --resume || { echo "cannot be resumed: $(cat "$work/said")" && return; }
    is_right || echo "resumed, the run is not right"
}

run_command() { # run_command hostile|friendly N
    "$1" "$2" "$mailcensus" "${command[@]}" 2>"$work/said"
}

# The same of a command: what it prints is right, and if it has failed, there is nothing or less of it.
judge_command() { # judge_command N
    local code=0
    run_command hostile "$1" >"$work/printed" || code=$?
    ending $code
    case $code in
    0) cmp -s <(strip <"$work/printed") "$work/right" || echo "exit code 0, but it prints something else" ;;
    1) says_so || echo "exit code 1, but not one sentence that tells of memory" ;;
    *) echo "exit code $code" ;;
    esac
}

strip() { # without what differs from one time to the next
    case ${command[0]} in
    check) jq -c "$closed closed" ;;
    *) cat ;;
    esac
}

ending() { # ending CODE: for the table
    echo "$(sed -n 's/^allocation .* in //p' "$work/report") $1" >>"$work/endings"
}

keep() { # keep NAME: all there is to know of a run
    mkdir -p "$TORTURE_KEEP/$1"
    cp "$work"/{said*,report,verified,compared,printed} "$TORTURE_KEEP/$1/" 2>/dev/null || true
}

torture() { # torture NAME JUDGE: the undisturbed one has just been made
    local all to step n wrong bad=0 runs=0
    all=$(sed -n 's/^counted \([0-9]*\) .*/\1/p' "$work/report")
    to=${TORTURE_TO:-$all}
    [ "$to" -le "$all" ] || to=$all
    step=$(((to - TORTURE_FROM) / TORTURE_RUNS + 1))
    : >"$work/endings"
    for ((n = TORTURE_FROM; n <= to; n += step)); do
        runs=$((runs + 1))
        wrong=$("$2" "$n")
        [ -n "$wrong" ] || continue
        bad=$((bad + 1))
        say "$1, allocation $n: $wrong"
        [ -n "${TORTURE_KEEP-}" ] || fail "$(cat "$work"/said* "$work/report")"
        keep "$1-$n"
    done
    say "$1: $all allocations, $runs runs from $TORTURE_FROM to $to by $step, $bad wrong; phase, exit code:"
    sort "$work/endings" | uniq -c >&2
    [ $bad = 0 ]
}

scans() { # scans NAME FLAG…
    mode=("${@:2}")
    rm -rf "$work/out"
    scan_list hostile 0 || fail "the undisturbed scan fails: $(cat "$work/said")"
    is_right || fail "the undisturbed scan is wrong: $(cat "$work/verified" "$work/compared")"
    torture "$1" judge_scan
}

commands() { # commands COMMAND…
    command=("$@")
    run_command hostile 0 | strip >"$work/right" || fail "the undisturbed command fails: $(cat "$work/said")"
    torture "$1" judge_command
}

all_commands() {
    local result=0 domain network=("${lab_flags[@]:0:3}" --name-servers "$LAB_STUB")
    domain=$(jq -r 'select(.status == "ok" and .mta_sts.policy.stage == "ok") | .domain' "$work/expected.ndjson" |
        head -n 1)
    mode=(--name-servers "$LAB_STUB")
    rm -rf "$work/out"
    scan_list friendly 0 || fail "$(cat "$work/said")"
    commands schema || result=1
    commands verify "$work/out" || result=1
    commands check --json "$domain" "${network[@]}" || result=1
    commands check-host --ip 192.0.2.1 --helo a.example --mail-from "x@$domain" "${network[@]}" || result=1
    return $result
}

result=0
for name in $TORTURE_MODE; do
    case $name in
    stub) scans stub --name-servers "$LAB_STUB" || result=1 ;;
    recursion) scans recursion --root-hints "$LAB_ROOT_HINTS" || result=1 ;;
    commands) all_commands || result=1 ;;
    esac
done
exit $result
