#!/bin/bash
# Lists as nobody should write them: every line is one record all the same, run.json tells what was
# read, and what cannot be read is told in a sentence. No packet is sent.
. "$(dirname "$0")/e2e.sh"
need jq zstd gzip iconv
make_work
[ -x "$mailcensus" ] || fail "$mailcensus is not built"
cd "$work"

survey() { # survey FILE FLAG…
    rm -rf out
    "$mailcensus" scan "$1" -o out -q --contact postmaster@lab.net "${@:2}" 2>said
}

taken() { # taken FILE LINES SKIPPED: all of it, each line once
    expect_code 0 survey "$1"
    ! grep -v 'started as root' said >&2 || fail "$1: something is said of it"
    expect_code 0 "$mailcensus" verify out >/dev/null
    expect_json "$1 is not accounted for" '.input | .lines == $lines and .skipped == $skipped
        and .records == $lines - $skipped and .read_to_end and .sha256 == $sum and .bytes_read == $bytes' \
        out/run.json --argjson lines "$2" --argjson skipped "$3" --argjson bytes "$(wc -c <"$1")" \
        --arg sum "$(sha256sum <"$1" | cut -d ' ' -f 1)"
}

refused() { # refused CODE WORD FILE
    expect_code "$1" survey "$3"
    grep -q "^mailcensus: $3: .*$2" said || fail "the reason does not say '$2': $(cat said)"
}

lines_of() { # lines_of FILE: the last may lack its end
    local ends last
    ends=$(tr -cd '\n' <"$1" | wc -c)
    last=$(tail -c 1 "$1" | od -An -t x1)
    if [ "$last" = ' 0a' ]; then echo "$ends"; else echo $((ends + 1)); fi
}

seq 500 | awk '{ print "a..b" $1 }' >plain
taken plain 500 0

: >empty
taken empty 0 0
printf '# one\n\n   \r\n#two' >comments
taken comments 4 4
printf 'a..b\nc..d' >no_newline
taken no_newline 2 0
printf 'a..b\0\0x\n\0\0\n' >nul
taken nul 2 0
head -c 10000000 /dev/zero | tr '\0' a >long
taken long 1 0
expect_json "the long line is not called so" '.totals.status.invalid_input == 1' out/run.json
head -c 107374183 /dev/zero | gzip -1 >tenth.gz
for _ in $(seq 10); do cat tenth.gz; done >bomb.gz
taken bomb.gz 1 0
expect_json "a line of a gigabyte takes memory" '.peak_rss_bytes < 200000000' out/run.json
for code in LE BE; do
    { printf '\ufeff' && cat plain; } | iconv -t "UTF-16$code" >"utf16$code"
    taken "utf16$code" "$(lines_of "utf16$code")" 0
done

# Bytes that are no list: as many records as lines.
for bytes in /dev/urandom "$mailcensus"; do
    head -c 1000000 "$bytes" >binary
    expect_code 0 survey binary
    expect_json "lines of $bytes" '.input | .lines == $lines and .lines == .skipped + .records' \
        out/run.json --argjson lines "$(lines_of binary)"
done

gzip -c plain >one.gz
zstd -q -c plain >one.zst
for form in gz zst; do
    cat one.$form one.$form >two.$form
    taken two.$form 1000 0
    head -c 300 one.$form >cut.$form
    refused 1 'end too early' cut.$form
    expect_json "a cut file is not told" '.exit_reason == "input_failed"' out/run.json
    { head -c 200 one.$form && head -c 2000 /dev/zero | tr '\0' x; } >broken.$form
    refused 1 'damaged' broken.$form
done

mkdir folder
refused 1 'is a directory' folder
taken /dev/null 0 0
if [ "$(id -u)" != 0 ]; then
    cp plain secret && chmod 000 secret
    refused 1 'Permission denied' secret
fi

mkfifo pipe
{
    for i in 1 2 3 4 5; do
        printf 'a..%s\nb..' $i
        sleep 0.2
        printf '%s\n' $i
    done
} >pipe &
expect_code 0 survey pipe
expect_json "a slow pipe" '.input | .lines == 10 and .records == 10' out/run.json

# While a reader who does not read holds the scan up the list grows, or is written anew.
seq 400000 | awk '{ print "a..b" $1 }' >list
held_up() { # held_up COMMAND…: exit code in $code, records in rows
    mkfifo held
    "$mailcensus" scan list -q --contact postmaster@lab.net >held 2>said &
    scanner=$!
    {
        sleep 1.5
        "$@"
        cat >rows
    } <held
    rm held
    await_end 30
}
held_up eval 'echo c..d >>list'
expect_equal "exit code with a list that grows" 0 "$code"
expect_equal "records of a list that grows" 400001 "$(wc -l <rows)"
held_up eval 'head -c 100 plain >list'
expect_equal "exit code with a list that was written anew" 1 "$code"
grep -q 'list: became shorter while it was read' said || fail "written anew: $(cat said)"

# A run whose list grew goes on where its end had not been read. (resume.sh: refused where it had.)
seq 200000 | awk '{ print "a..b" $1 }' >list
rm -rf out
expect_code 75 "$mailcensus" scan list -o out -q 2>said # for want of --contact
expect_json "the list was read to its end" '.input.read_to_end | not' out/run.json
echo e..f >>list
expect_code 0 "$mailcensus" scan list -o out -q --resume --contact postmaster@lab.net 2>said
expect_code 0 "$mailcensus" verify out >/dev/null
expect_json "what was appended is not in it" '.input | .records == 200001 and .sha256 == $sum' out/run.json \
    --arg sum "$(sha256sum <list | cut -d ' ' -f 1)"
say "every line is one record"
