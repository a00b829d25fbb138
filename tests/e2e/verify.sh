#!/bin/bash
# verify proves a good run, whole or in shards, and finds everything that is done to one: each
# row spoils a copy in one way and says what must be told.
. "$(dirname "$0")/e2e.sh"
need zstdcat zstd sha256sum
in_lab --count 1000
list=$LAB_DIR/domains.txt
good=$work/good
parts=(--part-rows 100 --quiet)

{ printf '# one\n\n' && cat "$list"; } >"$work/list"
expect_code 0 scan "$work/list" -o "$good" "${parts[@]}"
expect_code 0 "$mailcensus" verify "$good" >"$work/said"
grep -q ': complete: 1002 lines, 2 of them skipped, 1000 records in 10 parts' "$work/said" ||
    fail "$(cat "$work/said")"

spoiled() { # spoiled WORDS COMMAND…, run in a copy
    local words=$1
    shift
    rm -rf "$work/copy"
    cp -r "$good" "$work/copy"
    (cd "$work/copy" && "$@")
    code=0
    "$mailcensus" verify "$work/copy" >"$work/out" 2>"$work/said" || code=$?
    expect_equal "exit code, $words" 1 $code
    [ ! -s "$work/out" ] || fail "something on stdout: $(cat "$work/out")"
    grep -q -e "$words" "$work/said" || fail "not told: $words: $(cat "$work/said")"
}

part='part-0000-00004.ndjson.zst'
repack() { # repack FILTER…: the part's lines through a command, as one good frame
    zstdcat $part | "$@" | zstd -q --check >x
    mv x $part
}
run_json() { # run_json FILTER
    jq -c "$1" run.json >x
    mv x run.json
}
plain() { zstdcat $part | zstd -q --no-check >x && mv x $part; }
two_frames() { cat $part >>x && zstd -q --check <run.json >>x && mv x $part; }
flip() { printf '\377' | dd of=$part bs=1 seek=100 conv=notrunc 2>/dev/null; }
line() { zstdcat "$good/$part" | jq "select(input_line_number == $1).line"; }

spoiled "$part: is missing" rm $part
spoiled "no record of lines" rm $part
spoiled "$part: has 99 rows instead of 100" repack sed 7d
spoiled "no record of line $(line 7)" repack sed 7d
spoiled "$part: has 101 rows instead of 100" repack sed 7p
spoiled "more than one record of line $(line 7)" repack sed 7p
spoiled "$part: has .* bytes instead of" repack sort
spoiled "$part: has SHA-256" repack sort
spoiled "1 rows that are no records" repack sed '7s/line/lime/'
spoiled "records of line 1003, which run.json does not know" repack sed '7s/"line":[0-9]*/"line":1003/'
spoiled "$part: is damaged\|$part: ends too early" flip
spoiled "$part: ends too early: it was cut off" truncate -s -9 $part
spoiled "$part: is no zstd frame" truncate -s 0 $part
spoiled "$part: has no zstd checksum" plain
spoiled "$part: has something behind its one zstd frame" two_frames
spoiled "part-0000-00077.ndjson.zst: is not named in run.json" cp $part part-0000-00077.ndjson.zst
spoiled "part-0000-00010.ndjson.zst.part: is not named" touch part-0000-00010.ndjson.zst.part
spoiled "holds no run" rm run.json
spoiled "run.json: it is no JSON" truncate -s 500 run.json
spoiled "the run has not ended" run_json '.exit_reason = null'
spoiled "not complete (interrupted)" run_json '.exit_reason = "interrupted"'
spoiled "input was not read to its end" run_json '.input.read_to_end = false'
spoiled "input.lines is not skipped + records + other_shards" run_json '.input.lines += 1'
spoiled "input.records is not the number of the parts' rows" run_json '.parts[2].rows += 1'

expect_code 1 "$mailcensus" verify "$good" "$work/nowhere" 2>"$work/said"
grep -q 'nowhere: No such file' "$work/said" || fail "$(cat "$work/said")"

# shards in one directory; one of them is interrupted and resumed
for shard in 0 1 2; do
    expect_code 0 env SLURM_ARRAY_TASK_ID=$shard "$mailcensus" scan "${lab_flags[@]}" \
        --root-hints "$LAB_ROOT_HINTS" "$work/list" -o "$work/shards" "${parts[@]}" \
        --shards 3 --shard auto
    [ $shard = 2 ] || {
        expect_code 1 "$mailcensus" verify "$work/shards" 2>"$work/said"
        grep -q 'shard 2 of 3 is missing' "$work/said" || fail "$(cat "$work/said")"
    }
done
expect_code 0 "$mailcensus" verify "$work/shards"
zstdcat "$work/shards"/part-*.zst | jq -c '.line -= 2' >"$work/shards.ndjson"
"$compare" "$LAB_DIR/expected.ndjson" "$work/shards.ndjson"
# every registrable domain is in one shard only
for shard in 0 1 2; do
    zstdcat "$work/shards"/part-000$shard-*.zst | jq -r '.dmarc.rfc7489.org_domain // empty' | sort -u
done | sort | uniq -d >"$work/torn"
[ ! -s "$work/torn" ] || fail "in two shards: $(head -n 3 "$work/torn")"

# shards in directories of their own
for shard in 0 1; do
    expect_code 0 scan "$work/list" -o "$work/dir$shard" "${parts[@]}" --shards 2 --shard $shard
done
expect_code 0 "$mailcensus" verify "$work/dir0" "$work/dir1"
expect_code 1 "$mailcensus" verify "$work/dir0" "$work/dir0" 2>"$work/said"
grep -q 'is shard 0 a second time' "$work/said" || fail "$(cat "$work/said")"
expect_code 0 scan "$list" -o "$work/dir1" "${parts[@]}" --shards 2 --shard 1 --force
expect_code 1 "$mailcensus" verify "$work/dir0" "$work/dir1" 2>"$work/said"
grep -q 'has another input than' "$work/said" || fail "$(cat "$work/said")"
expect_code 0 scan "$work/list" -o "$work/dir1" "${parts[@]}" --shards 2 --shard 1 --force \
    --retries 2
expect_code 1 "$mailcensus" verify "$work/dir0" "$work/dir1" 2>"$work/said"
grep -q 'has another configuration than' "$work/said" || fail "$(cat "$work/said")"
say "verify finds everything"
