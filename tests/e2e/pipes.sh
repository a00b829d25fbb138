#!/bin/bash
# Who reads the records is slow, stops, goes away, or was never there: the scan waits without taking
# memory or time, or ends with a sentence. Nothing is lost. No packet is sent.
. "$(dirname "$0")/e2e.sh"
need jq
make_work
[ -x "$mailcensus" ] || fail "$mailcensus is not built"
cd "$work"
seq 100000 | awk '{ print "a..b" $1 }' >list # 130 MB of records, which no buffer holds
mkfifo pipe

survey() {
    "$mailcensus" scan list -q --contact postmaster@lab.net "$@"
}

number_of() { # number_of NAME: of the scan, in KiB or ticks
    case $1 in
    memory) awk '/^VmHWM/ { print $2 }' "/proc/$scanner/status" ;;
    time) awk '{ print $14 + $15 }' "/proc/$scanner/stat" ;;
    esac
}

survey >pipe 2>said &
scanner=$!
{
    for _ in $(seq 20); do
        head -c 4096
        sleep 0.05
    done
    sleep 1 # now all buffers are full
    memory=$(number_of memory) before=$(number_of time)
    sleep 5
    [ $(($(number_of time) - before)) -lt 50 ] || fail "it is busy while nobody reads"
    [ "$(number_of memory)" -le $((memory + 1024)) ] || fail "memory grows while nobody reads"
    case $mailcensus in *tsan* | *asan*) ;; *) [ "$memory" -lt 150000 ] || fail "$memory KiB of memory" ;; esac
    cat
} <pipe >rows
await_end 10
expect_equal "exit code with a slow reader" 0 "$code"
expect_equal "lines in the records" 100000 "$(jq .line rows | sort -un | wc -l)"

ends() { # ends WORD: the scan with that standard output ends soon and says so
    local begin=$SECONDS
    code=0
    survey 2>said || code=$?
    [ $((SECONDS - begin)) -lt 20 ] || fail "it goes on for $((SECONDS - begin)) s"
    expect_equal "exit code" 1 $code
    grep -q "^mailcensus: cannot write standard output: $1" said || fail "'$1' is not told: $(cat said)"
}

ends 'Broken pipe' | head -n 1 >first
jq -e .line first >/dev/null || fail "what was read before the end is no record"
ends 'No space left on device' >/dev/full
ends 'Bad file descriptor' >&-

# nor does what is opened then take the place of what was closed
survey --status-updates-file status >&- 2>said && fail "exit code 0 without an output"
! grep -q schema status || fail "records were written into another file"
say "pipes: right"
