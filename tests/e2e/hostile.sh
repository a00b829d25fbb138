# shellcheck shell=bash
# For scripts whose scan runs in a system that fails (tests/hostile): . hostile.sh behind e2e.sh
#
#   write_list N       $list: N lines that need no network, and comments among them
#   hostile_scan DIR … a scan of $list into DIR, in small parts, with the library preloaded for DIR
#   records DIR        its records, without what differs between two runs, sorted
#   is_whole DIR       it is complete, verify agrees and its records are those in $work/expected
# shellcheck disable=SC2154 # e2e.sh sets them

hostile_library=$MAILCENSUS_BUILD/tests/hostile/hostile_system.so
if grep -q '^MAILCENSUS_SANITIZE:STRING=.' "$MAILCENSUS_BUILD/CMakeCache.txt"; then
    say "skipped: the sanitizers want to be the first library"
    exit 77 # is what it should be there: MAILCENSUS_NO_SKIP is for what is missing
fi
[ -e "$hostile_library" ] || skip "$hostile_library is not built"

write_list() { # write_list N
    list=$work/list
    seq "$1" | awk 'NR % 100 == 1 { print "# comment" } { print (NR % 3 ? "a..b" : "x.test. ") $1 }' \
        >"$list"
}

hostile_scan() {
    HOSTILE_DIR=$1 LD_PRELOAD=$hostile_library "$mailcensus" scan "$list" -o "$1" \
        --part-rows 200 --max-in-flight 100 --workers 2 --quiet "${@:2}"
}

records() { # records DIR
    find "$1" -name 'part-*.zst' -exec zstdcat {} + | jq -cS 'del(.scanned_at, .duration_ms)' | sort
}

is_whole() { # is_whole DIR
    "$mailcensus" verify "$1" 2>"$work/said" >&2 || fail "verify: $(cat "$work/said")"
    records "$1" | cmp -s - "$work/expected" || fail "the records of $1 are not those of an undisturbed run"
}
