#!/bin/bash
# A run is killed, interrupted, starved of disk, and resumed: in the end every line has its one
# right record, a published part never changed, and little was asked twice. KILLS=200
# LAB_COUNT=50000 is the long proof.
. "$(dirname "$0")/e2e.sh"
need zstdcat zstd gzip sha256sum
# a broken-off process leaves threads behind, and the thread sanitizer would sleep a second first
export TSAN_OPTIONS=${TSAN_OPTIONS-}:report_thread_leaks=0:atexit_sleep_ms=0
: "${KILLS:=10}" "${LAB_COUNT:=2000}" "${PART_ROWS:=100}" "${IN_FLIGHT:=100}"
in_lab --count "$LAB_COUNT"
list=$LAB_DIR/domains.txt
lines=$(wc -l <"$list")
parts=(--part-rows "$PART_ROWS" --max-in-flight "$IN_FLIGHT" --quiet)

complete() { # complete DIR: it is, and nothing in it is wrong
    expect_code 0 "$mailcensus" verify "$1"
    check_run "$1" "$list"
    expect_json "a complete run does not say so" '.exit_reason == "complete"' "$1/run.json"
    expect_json "the totals are not those of the records" \
        '([.totals.status[]] | add) == .input.records' "$1/run.json"
    "$compare" "$LAB_DIR/expected.ndjson" "$1"
}

# The parts that run.json named before are there and unchanged; DIR.sums becomes those it names now.
published_parts_stand() { # published_parts_stand DIR
    if [ -e "$1.sums" ]; then
        (cd "$1" && sha256sum --quiet -c "$1.sums") || fail "a published part has changed"
    fi
    [ ! -e "$1/run.json" ] || jq -r '.parts[] | "\(.sha256)  \(.file)"' "$1/run.json" >"$1.new"
    [ ! -s "$1.new" ] || mv "$1.new" "$1.sums"
}

refused() { # refused WORD COMMAND…: exit code 1 or 2, a sentence with WORD, nothing changed in out
    local word=$1 before
    shift
    before=$(cd "$work/out" && find . -type f -exec sha256sum {} + | sort)
    code=0
    "$@" >"$work/said" 2>&1 || code=$?
    case $code in 1 | 2) ;; *) fail "exit code $code, not refused: $*" ;; esac
    grep -q -e "$word" "$work/said" || fail "the reason does not say '$word': $(cat "$work/said")"
    expect_equal "files after a refusal" "$before" \
        "$(cd "$work/out" && find . -type f -exec sha256sum {} + | sort)"
}

# MX questions heard by the hosting name servers: one a domain, when nothing is asked twice.
mx_questions() {
    local log=$LAB_DIR/log/nsd-host.log before
    before=$(grep -c NSTATS "$log" || true)
    kill -USR1 "$LAB_PID_NSD_HOST"
    for _ in $(seq 100); do
        [ "$(grep -c NSTATS "$log" || true)" = "$before" ] || break
        sleep 0.1
    done
    sleep 0.3
    # each of nsd's processes tells its own sum
    tac "$log" | awk '/NSTATS/ { if (!n++) t = $0 } END { print t }' >"$work/nstats"
    grep -o ' MX=[0-9]*' "$work/nstats" | cut -d = -f 2 || echo 0
}

# ---- kill -9 --------------------------------------------------------------------------------

RANDOM=${SEED:-7}
killed=0 round=0
mx_begin=$(mx_questions)
while [ $killed -lt "$KILLS" ]; do
    round=$((round + 1))
    out=$work/round$round
    code=
    while [ "$code" != 0 ]; do
        start_scan "$list" -o "$out" --resume "${parts[@]}"
        if [ $killed -lt "$KILLS" ]; then
            sleep "$(printf '%d.%03d' $((RANDOM % ${KILL_SECONDS:-2})) $((RANDOM % 1000)))"
        else
            wait "$scanner" || fail "exit code $? of the last process"
        fi
        code=0
        if kill -KILL "$scanner" 2>/dev/null; then
            killed=$((killed + 1))
            { wait "$scanner" || code=$?; } 2>/dev/null
        else
            wait "$scanner" || code=$?
            [ $code = 0 ] || fail "exit code $code of a run nobody killed"
        fi
        published_parts_stand "$out"
    done
    complete "$out"
    rm -rf "$out" "$out.sums"
done
say "$killed kills in $round runs of $lines lines, and every record is right"

# What is asked twice: at most a part and what was in flight for each kill.
mx_kills=$(($(mx_questions) - mx_begin))
mx_begin=$(mx_questions)
expect_code 0 scan "$list" -o "$work/undisturbed" "${parts[@]}"
complete "$work/undisturbed"
rm -rf "$work/undisturbed"
mx_once=$(($(mx_questions) - mx_begin))
if [ $mx_once -gt 0 ]; then
    most=$((killed * (PART_ROWS + IN_FLIGHT)))
    again=$((mx_kills - round * mx_once))
    say "asked again after $killed kills: $again domains (at most $most)"
    [ $again -le $((most + most / 20)) ] || fail "too much was asked again"
else
    say "nsd tells no statistics here: what was asked again is not counted"
fi

# ---- SIGTERM, in every form of input --------------------------------------------------------

gzip -c "$list" >"$work/list.gz"
zstd -q "$list" -o "$work/list.zst"
mkfifo "$work/pipe"

interrupted() { # interrupted NAME INPUT
    local out=$work/$1
    start_scan "$2" -o "$out" "${parts[@]}" --dns-rate 2000
    for _ in $(seq 200); do
        [ "$(find "$out" -name 'part-*.zst' 2>/dev/null | wc -l)" -lt 2 ] || break
        sleep 0.05
    done
    kill -TERM "$scanner"
    await_end 60
    expect_equal "exit code of $1" 75 "$code"
    expect_json "$1 was not interrupted in the middle" \
        '.exit_reason == "interrupted" and .input.records > 0' "$out/run.json"
    expect_code 1 "$mailcensus" verify "$out" 2>"$work/said"
    grep -q 'not complete (interrupted)' "$work/said" || fail "verify of $1: $(cat "$work/said")"
    published_parts_stand "$out"
}

resumed() { # resumed NAME INPUT
    local out=$work/$1 first
    first=$(jq .seed "$out/run.json")
    expect_code 0 scan "$2" -o "$out" --resume "${parts[@]}"
    published_parts_stand "$out"
    expect_code 0 "$mailcensus" verify "$out"
    expect_json "$1 does not tell that it was resumed" '.resumed == 1 and .seed == $seed' \
        "$out/run.json" --argjson seed "$first"
    expect_json "$1 does not know its input" '.input.sha256 == $sum' "$out/run.json" \
        --arg sum "$3"
    "$compare" "$LAB_DIR/expected.ndjson" "$out"
}

sum_of() { sha256sum <"$1" | cut -d ' ' -f 1; }

for form in gz zst; do
    interrupted $form "$work/list.$form"
    resumed $form "$work/list.$form" "$(sum_of "$work/list.$form")"
done
cat "$list" >"$work/pipe" 2>/dev/null &
interrupted stdin - <"$work/pipe"
cat "$list" >"$work/pipe" &
resumed stdin - "$(sum_of "$list")" <"$work/pipe"

# ---- refusals -------------------------------------------------------------------------------

interrupted out "$list"
sed '1s/[a-z]/0/' "$list" >"$work/other"
head -n 10 "$list" >"$work/shorter"
{ cat "$list" && echo appended.example.com; } >"$work/longer"
expect_json "the list was not read to its end" '.input.read_to_end' "$work/out/run.json"
refused 'bytes are not those' scan "$work/other" -o "$work/out" --resume
refused 'ends after' scan "$work/shorter" -o "$work/out" --resume
refused "not the one that the run began with: it goes on after $(wc -c <"$list") bytes" \
    scan "$work/longer" -o "$work/out" --resume
refused 'checks was' scan "$list" -o "$work/out" --resume --checks mx,spf
refused 'retries was 3 and is now 1' scan "$list" -o "$work/out" --resume --retries 1
refused 'already holds a run' scan "$list" -o "$work/out"
mv "$work/out/part-0000-00000.ndjson.zst" "$work/aside"
refused 'part-0000-00000.ndjson.zst is missing' scan "$list" -o "$work/out" --resume
mv "$work/aside" "$work/out/part-0000-00000.ndjson.zst"
mv "$work/out/run.json" "$work/aside"
refused 'but no run.json' scan "$list" -o "$work/out" --resume
head -c 1000 "$work/aside" >"$work/out/run.json"
refused 'run.json cannot be used' scan "$list" -o "$work/out" --resume
mv "$work/aside" "$work/out/run.json"
refused 'cannot be resumed' scan "$list" -o "$work/out.ndjson" --resume

# rates, workers and parts may change; a twin is kept out, by force too
start_scan "$list" -o "$work/out" --resume --quiet --workers 1 --max-in-flight 7 --part-rows 77 \
    --dns-rate 500
sleep 1
for flag in --resume --force; do
    expect_code 1 scan "$list" -o "$work/out" $flag 2>"$work/said"
    grep -q 'another mailcensus is writing' "$work/said" || fail "twin: $(cat "$work/said")"
done
kill -INT "$scanner"
sleep 0.2
kill -INT "$scanner" 2>/dev/null || true # the second leaves at once
await_end 10
published_parts_stand "$work/out"
expect_code 0 scan "$list" -o "$work/out" --resume "${parts[@]}"
complete "$work/out"
before=$(cd "$work/out" && sha256sum -- *)
expect_code 0 scan "$list" -o "$work/out" --resume 2>"$work/said"
grep -q 'is complete' "$work/said" || fail "a complete run: $(cat "$work/said")"
expect_equal "a complete run after --resume" "$before" "$(cd "$work/out" && sha256sum -- *)"

# ---- no room --------------------------------------------------------------------------------

# A full disk: told in a sentence, nothing published is harmed, resumed when there is room.
starve() { # inside a mount namespace of its own
    mkdir "$work/small"
    mount -t tmpfs -o size=112k tmpfs "$work/small"
    out=$work/small/out
    code=0
    scan "$list" -o "$out" "${parts[@]}" 2>"$work/said" || code=$?
    expect_equal "exit code with a full disk" 1 $code
    grep -q 'No space left on device' "$work/said" || fail "full disk: $(cat "$work/said")"
    jq -r '.parts[] | "\(.sha256)  \(.file)"' "$out/run.json" >"$work/sums"
    [ -s "$work/sums" ] || fail "nothing was published before the disk was full"
    (cd "$out" && sha256sum --quiet -c "$work/sums") || fail "a part was harmed by the full disk"
    mount -o remount,size=64m "$work/small"
    expect_code 0 scan "$list" -o "$out" --resume "${parts[@]}"
    (cd "$out" && sha256sum --quiet -c "$work/sums") || fail "a published part has changed"
    complete "$out"
}
(unshare -m true) 2>/dev/null || skip "no mount namespace of one's own for the full disk"
unshare -m -- bash -c ". '$root/tests/e2e/e2e.sh'; work='$work' list='$list' parts=(${parts[*]})
    $(declare -f complete starve); starve" ||
    fail "with a full disk"

# files that may not grow; a directory that goes away
code=0
(ulimit -f 4 && scan "$list" -o "$work/limited" "${parts[@]}") 2>"$work/said" || code=$?
expect_equal "exit code under a limit of file size" 1 $code
grep -q 'File too large' "$work/said" || fail "file size: $(cat "$work/said")"
expect_code 0 scan "$list" -o "$work/limited" --resume "${parts[@]}"
complete "$work/limited"

start_scan "$list" -o "$work/gone" "${parts[@]}" --dns-rate 2000 2>"$work/said"
sleep 1
rm -rf "$work/gone"
await_end 60
expect_equal "exit code when the directory is gone" 1 "$code"
grep -q 'No such file or directory' "$work/said" || fail "gone: $(cat "$work/said")"
say "resumed from everything"
