#!/bin/bash
# The disk fails: the N-th open, write, fsync, rename or close of a run's files, once or from then
# on, or a read of its list. The run ends with a sentence and exit code 1, what was published stands,
# and --resume completes it. DISK_CALLS=12 fails each of the first twelve. No packet is sent.
. "$(dirname "$0")/e2e.sh"
. "$(dirname "$0")/hostile.sh"
need jq zstd zstdcat gzip sha256sum
make_work
: "${DISK_CALLS:=}"
write_list 1000
expect_code 0 hostile_scan "$work/undisturbed"
records "$work/undisturbed" >"$work/expected"
out=$work/out
cases=0

published_parts() { # the sums of those that run.json names; nothing when there is none yet
    [ ! -e "$out/run.json" ] || jq -r '.parts[] | "\(.sha256)  \(.file)"' "$out/run.json"
}

published_parts_stand() { # published_parts_stand CASE
    [ ! -s "$work/sums" ] || (cd "$out" && sha256sum --quiet -c "$work/sums") ||
        fail "$1: a part is not what run.json said"
}

fails() { # fails CODE CALL:N:ERROR WORD
    rm -rf "$out"
    mkdir "$out"
    code=0
    FAIL_CALL=$2 hostile_scan "$out" 2>"$work/said" || code=$?
    expect_equal "exit code after $2 ($(cat "$work/said"))" "$1" $code
    [ -z "$3" ] || grep -q "^mailcensus: .*$3" "$work/said" || fail "$2: $(cat "$work/said")"
    published_parts >"$work/sums"
    published_parts_stand "$2"
    expect_code 0 hostile_scan "$out" --resume 2>"$work/said"
    published_parts_stand "$2"
    is_whole "$out"
    cases=$((cases + 1))
}

numbers() { # numbers DEFAULT…
    if [ -n "$DISK_CALLS" ]; then seq "$DISK_CALLS"; else printf '%s\n' "$@"; fi
}

# What waiting or trying again serves is no failure.
fails 0 open:4:EMFILE,open:6:EMFILE,open:9:EMFILE ''
fails 0 open:5:EINTR,fsync:1:EINTR,fsync:4:EINTR,fsync:5:EINTR,write:3:EINTR ''
export SHORT_WRITES=1
fails 0 '' ''
unset SHORT_WRITES
# Nor is what can harm nothing any more: everything was synced.
fails 0 close:3:EIO,close:5:ENOSPC,unlink:1:EIO ''

for n in $(numbers 1 4 5 8); do fails 1 "open:$n:EIO" 'Input/output error'; done
for n in $(numbers 1 2 6 7); do fails 1 "write:$n:ENOSPC" 'No space left on device'; done
for n in $(numbers 1 2 3 4 5 6); do fails 1 "fsync:$n:EIO" 'Input/output error'; done
for n in $(numbers 1 2 3); do fails 1 "rename:$n:EDQUOT" 'Disk quota exceeded'; done
for n in $(numbers 3 9); do fails 1 "fsync:$n+:EIO,write:$((n * 3))+:EIO" 'Input/output error'; done
say "$cases failures, and every run was completed"

# The list cannot be read on. Its lines are so different that packed, too, it takes several reads.
awk 'BEGIN {
    srand(7)
    for (i = 0; i < 8000; i++) {
        for (n = 0; n < 12; n++) printf "%s%d", n ? "" : "a..b", rand() * 1e9
        print ""
    }
}' >"$work/list"
gzip -c "$work/list" >"$work/list.gz"
zstd -q "$work/list" -o "$work/list.zst"

list_scan() { # list_scan FAIL_CALL ARGUMENT…: with a list whose reads fail so
    FAIL_CALL=$1 HOSTILE_DIR=$list LD_PRELOAD=$hostile_library "$mailcensus" scan "$list" -o "$out" \
        --part-rows 2000 --workers 2 --quiet "${@:2}" 2>"$work/said"
}

list_fails() { # list_fails N ARGUMENT…: the N-th read
    expect_code 1 list_scan "read:$1:EIO" "${@:2}"
    grep -q "^mailcensus: .*$list: cannot be read: Input/output error" "$work/said" ||
        fail "read $1 of $list: $(cat "$work/said")"
    published_parts_stand "read $1 of $list"
    published_parts >"$work/sums"
    expect_json "read $1 of $list: the run does not say why it ended" \
        '.exit_reason == "input_failed" and (.input.read_to_end | not)' "$out/run.json"
    expect_code 1 "$mailcensus" verify "$out" 2>/dev/null
}

for list in "$work/list" "$work/list.gz" "$work/list.zst"; do
    rm -rf "$out" "$work/sums"
    [ "$list" != "$work/list" ] || {
        expect_code 0 list_scan ''
        records "$out" >"$work/expected"
        rm -rf "$out"
    }
    list_fails 1 # before the first line, …
    expect_json "there are records of what was not read" '.input.lines == 0' "$out/run.json"
    list_fails 2 --resume # … in the middle, …
    expect_json "what was read is not kept" '.input | .lines > 0 and .lines < 8000 and
        .lines == .records and .bytes_read > 0' "$out/run.json"
    list_fails 1 --resume # … while it is compared, and behind that
    list_fails 2 --resume
    expect_code 0 list_scan '' --resume
    published_parts_stand "$list"
    is_whole "$out"
done
say "a list that cannot be read on, plain and packed: completed"
