#!/bin/bash
# The lab and a scan in it need no privileges: all of it as an ordinary user (when started as
# root, as nobody; the programs are copied to where nobody can read them).
. "$(dirname "$0")/e2e.sh"

if [ -z "${E2E_INSIDE-}" ] && [ "$(id -u)" -eq 0 ]; then
    need setpriv
    make_work
    copy=$work/tree
    mkdir -p "$copy/tests/e2e" "$copy/bench" "$copy/build/bench/lab" "$copy/build/scanner" "$copy/tmp"
    cp "$root"/tests/e2e/*.sh "$copy/tests/e2e/"
    cp -r "$root/bench/lab" "$copy/bench/"
    cp "$MAILCENSUS_BUILD"/bench/lab/lab-* "$copy/build/bench/lab/"
    cp "$mailcensus" "$copy/build/scanner/"
    chmod -R a+rX "$work"
    chown 65534:65534 "$copy/tmp"
    code=0
    setpriv --reuid 65534 --regid 65534 --clear-groups env HOME="$copy/tmp" TMPDIR="$copy/tmp" \
        MAILCENSUS_BUILD="$copy/build" LAB_BIN="$copy/build/bench/lab" \
        "$copy/tests/e2e/plain_user.sh" || code=$?
    exit $code
fi

[ -n "${E2E_INSIDE-}" ] || say "as user $(id -u)"
in_lab --count 300
scan "$LAB_DIR/domains.txt" -o "$work/out.ndjson"
"$compare" "$LAB_DIR/expected.ndjson" "$work/out.ndjson"
