#!/bin/bash
# What the command line refuses, and how: exit code 2 and a message that names the culprit for
# wrong usage, 1 for what fails, and never a word on stdout. No packet is sent.
. "$(dirname "$0")/e2e.sh"
need jq
make_work
[ -x "$mailcensus" ] || fail "$mailcensus is not built"
cd "$work"
printf 'one.example.com\n' >list.txt

refused() { # refused CODE WORD ARGUMENT…: exits with CODE, stderr has WORD, stdout nothing
    local code=$1 word=$2 found=0
    shift 2
    "$mailcensus" "$@" >out 2>err </dev/null || found=$?
    [[ $found =~ ^$code$ ]] || fail "exit code $found instead of $code: mailcensus $* ($(head -n 3 err))"
    grep -qi -e "$word" err || fail "the message does not say '$word': mailcensus $* ($(head -n 3 err))"
    [ ! -s out ] || fail "something on stdout: mailcensus $*"
}

helps() { # helps WORD ARGUMENT…
    local word=$1
    shift
    "$mailcensus" "$@" >out 2>err </dev/null || fail "exit code $? of mailcensus $*"
    grep -q -e "$word" out || fail "'$word' is not in the output of mailcensus $*"
}

helps scan --help
helps scan -h
for flag in input-file output quiet status-updates-file notes name-servers root-hints ca-file \
    allow-special-addresses workers max-in-flight dns-rate https-rate per-host-rate timeout \
    retries https-timeout checks probe-orphan-policies sender-ip providers exclude-domains \
    blocklist-file user-agent contact psl force resume shards shard dry-run \
    max-targets part-rows part-seconds compress; do
    helps "--$flag" scan --help
done
helps '[0-9]\.[0-9]' --version

# Root is told once that it is root, if it is that of the machine; nobody else is.
rooted() { # rooted TIMES COMMAND…: how often the word falls
    "${@:2}" scan list.txt --dry-run >out 2>err
    expect_equal "how often '$2' hears of root" "$1" "$(grep -c 'started as root' err || true)"
}
read -r inside outside _ </proc/self/uid_map
if [ "$(id -u) $inside $outside" = '0 0 0' ]; then
    rooted 1 "$mailcensus"
    rooted 0 unshare -Ur "$mailcensus"
    chmod a+rx . && cp "$mailcensus" ./mailcensus
    rooted 0 setpriv --reuid 65534 --regid 65534 --clear-groups ./mailcensus
else
    rooted 0 "$mailcensus"
fi

refused 2 help
refused 2 frobnicate frobnicate
refused 2 no-such-flag scan list.txt --no-such-flag
refused 2 workers scan list.txt --workers many
refused 2 workers scan list.txt --workers 0
refused 2 workers scan list.txt --workers
refused 2 timeout scan list.txt --timeout -5
refused 2 dns-rate scan list.txt --dns-rate 1e3x
refused 2 per-host-rate scan list.txt --per-host-rate -1
refused 2 max-in-flight scan list.txt --max-in-flight 0
refused 2 name.server scan list.txt --name-servers not.an.address
refused 2 name.server scan list.txt --name-servers 127.0.0.1:99999
refused 2 checks scan list.txt --checks mx,horoscope
refused 2 sender-ip scan list.txt --sender-ip 1.2.3
refused 2 '' scan list.txt list.txt
refused 2 '' scan list.txt -f list.txt
refused 2 directory scan list.txt --resume
refused 2 directory scan list.txt --resume -o list.ndjson
refused 2 resume scan list.txt --resume --force -o results
refused 2 shard scan list.txt --shards 2 --shard 2
refused 2 SLURM_ARRAY_TASK_ID scan list.txt --shards 2 --shard auto
refused 2 DIR verify
refused 1 no-such-run verify no-such-run
refused 1 'holds no run' verify .
refused 1 no-such-list scan no-such-list.txt
refused 1 no-such-hints scan list.txt --root-hints no-such-hints.txt
refused 1 no-such-ca scan list.txt --ca-file no-such-ca.pem
refused 1 no-such-folder scan list.txt -o no-such-folder/out.ndjson

mkdir taken
echo precious >taken/part-0000-00000.ndjson.zst
refused '[12]' taken scan list.txt -o taken
expect_equal "the folder that was there" precious "$(cat taken/part-0000-00000.ndjson.zst)"
echo precious >taken.ndjson
refused '[12]' taken.ndjson scan list.txt -o taken.ndjson
expect_equal "the file that was there" precious "$(cat taken.ndjson)"
say "all refused as they should be"
