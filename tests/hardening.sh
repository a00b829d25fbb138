#!/bin/bash
# hardening.sh PROGRAM: was it linked and compiled so that a slip is hard to exploit?
set -u
program=$1
bad=0

has() { # has WHAT PATTERN READELF-OPTION
    readelf -W "$3" "$program" | grep -q -e "$2" && return
    echo "hardening: $program: $1"
    bad=1
}

has 'its addresses are fixed (not a PIE)' 'Type: *DYN' -h
has 'its relocations stay writable (no RELRO)' GNU_RELRO -l
has 'its functions are looked up late (no BIND_NOW)' 'BIND_NOW\|Flags:.*NOW' -d
has 'its stack is not guarded' __stack_chk_fail -s
has 'its copies are not checked (no _FORTIFY_SOURCE)' '__[a-z]*_chk' -s
if readelf -W -l "$program" | grep GNU_STACK | grep -q 'RWE'; then
    echo "hardening: $program: its stack is executable"
    bad=1
fi
exit $bad
