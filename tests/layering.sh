#!/usr/bin/env bash
# The house's arrows: who may include what. Prints every include that goes the wrong way.
set -u
cd "$(dirname "$0")/.." || exit 1
bad=0

# forbid WHERE PATTERN WHY [EXCEPT]: no tracked or new source under WHERE includes PATTERN.
forbid() {
    local hits
    hits=$(grep -rnE --include='*.c' --include='*.h' "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]($2)" $1 |
        grep -vE "^(${4:-none}):")
    if [ -n "$hits" ]; then
        printf 'layering: %s\n%s\n' "$3" "$hits"
        bad=1
    fi
}

all="scanner resolver fetch output"
forbid resolver '(scanner|fetch|output|bench)/' 'resolver/ is a leaf'
forbid fetch '(scanner|resolver|output|bench)/' 'fetch/ is a leaf'
forbid output '(scanner|resolver|fetch|bench)/' 'output/ is a leaf'
forbid scanner '(bench|tests)/' 'the program knows no bench and no test'
forbid bench/lab '(scanner|resolver|fetch|output)/' 'the lab shares no code with what it judges'

forbid "scanner fetch output" '(getdns|unbound|libknot)' 'DNS libraries stay in resolver/'
forbid "scanner resolver output" 'curl/' 'libcurl stays in fetch/'
forbid "scanner resolver" 'openssl/' 'OpenSSL stays in fetch/'
forbid output 'openssl/' 'in output/ OpenSSL is for SHA-256 only' 'output/digest\.c'
forbid "resolver fetch" 'zstd\.h|zlib\.h' 'compression stays in output/ and in the input decoder'
forbid scanner 'zstd\.h|zlib\.h' 'the input decoder alone decompresses' 'scanner/input_decode\.c'
forbid "$all" 'libpsl\.h' 'libpsl stays behind suffix.h' 'scanner/classify/suffix\.c'
forbid "$all" 'jansson\.h' 'JSON is read where the checkpoint is' 'scanner/checkpoint[_a-z]*\.[ch]'
forbid "$all" 'idn2\.h' 'libidn2 stays behind target_name.h' 'scanner/target_name\.c'

pure="scanner/classify scanner/survey.c scanner/survey.h scanner/memo.c scanner/memo.h
    $(ls scanner/verdict*.[ch] scanner/show*.[ch] | tr '\n' ' ') scanner/policy.c scanner/policy.h scanner/arena.c
    scanner/arena.h $(ls scanner/record*.[ch] | tr '\n' ' ')"
forbid "$pure" 'uv\.h|pthread\.h|sys/socket\.h|netdb\.h|unistd\.h|fcntl\.h' 'the core does no I/O'
forbid scanner/classify 'scanner/(survey|verdict|record|job|worker|scan|options|input)' \
    'classifiers know no survey'
forbid scanner/classify '(fetch|output)/' 'classifiers know no network but struct dns_answer'

exit $bad
