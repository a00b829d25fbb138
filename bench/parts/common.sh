# What the parts of bench/run share. Sourced; wants from its environment
#   MAILCENSUS_BUILD  a release build          BENCH_WORK  a directory to work in
#   BENCH_ROUNDS      rounds per measure       BENCH_RESULTS  where results are added
# shellcheck shell=bash disable=SC2034 # variables are for those who source it

: "${MAILCENSUS_BUILD:?}" "${BENCH_WORK:?}" "${BENCH_RESULTS:?}"
rounds=${BENCH_ROUNDS:-5}
bin=$MAILCENSUS_BUILD/bench
lab=bench/lab/lab
export LAB_START_SECONDS=${LAB_START_SECONDS:-300} # a million domains are read in a minute or so

say() { printf 'bench: %s\n' "$*" >&2; }

fail() {
    say "$@"
    exit 1
}

# ---- cores ---------------------------------------------------------------------------------

# The first two processors we may use: one for who asks, one for who answers.
read_cores() {
    local cores
    cores=$(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status | tr , '\n' |
        awk -F- '{ for (i = $1; i <= ($2 == "" ? $1 : $2); i++) print i }' | head -n 2 | xargs)
    client_core=${cores% *} server_core=${cores#* }
    [ "$client_core" != "$server_core" ] ||
        say "there is one processor only: client and server share it, the figures say little"
}

pin_servers() { # all of the lab's, with all their processes and threads
    local pid process
    for pid in "${!LAB_PID_@}"; do # empty: is not running
        for process in $([ -z "${!pid}" ] || ps -o pid= -g "${!pid}"); do
            taskset -acp "$server_core" "$process" >/dev/null
        done
    done
}

# ---- one run -------------------------------------------------------------------------------

# Runs a command on the client's core (both=1: on both); its output is in $BENCH_WORK/out. Sets
# seconds, cpu_s (user and system, children included) and rss_kib (of the largest process).
timed() { # timed COMMAND…
    local cores=$client_core code=0
    [ -z "${both-}" ] || cores=$client_core,$server_core
    /usr/bin/time -o "$BENCH_WORK/time" -f '%e %U %S %M' \
        taskset -c "$cores" "$@" >"$BENCH_WORK/out" 2>"$BENCH_WORK/err" || code=$?
    read -r seconds cpu_s rss_kib < <(tail -n 1 "$BENCH_WORK/time" |
        awk '{ printf "%.2f %.2f %d\n", $1, $2 + $3, $4 }')
    return $code
}

value_of() { # value_of KEY: of "KEY=VALUE …" in the output
    sed -n "s/^\(.* \)\{0,1\}$1=\([^ ]*\).*/\2/p" "$BENCH_WORK/out" | head -n 1
}

calculate() { awk "BEGIN { printf \"%.6g\", $1 }"; } # calculate EXPRESSION

is_less() { awk "BEGIN { exit !($1 < $2) }"; } # is_less A B

# ---- the lab -------------------------------------------------------------------------------

# The names in the lab's list that every tool understands, room for a prefix left.
plain_names() {
    LC_ALL=C awk -F . '/^[A-Za-z0-9.-]+$/ && length <= 200 {
        for (i = 1; i <= NF && length($i) > 0 && length($i) < 64; i++)
            ;
        if (i > NF) print
    }' "$LAB_DIR/domains.txt"
}

# Domains -> the four TXT questions of each.
text_questions() { awk '{ print $1 " TXT\n_dmarc." $1 " TXT\n_mta-sts." $1 " TXT\n_smtp._tls." $1 " TXT" }'; }

# The lines of standard input again and again.
repeated() { # repeated COUNT
    awk -v wanted="$1" '{ line[n++] = $0 } END { for (i = 0; i < wanted; i++) print line[i % n] }'
}

# ---- measures ------------------------------------------------------------------------------

# One round of one measure. Without PEER the value itself is compared with earlier runs. A row with
# losses is marked.
note() { # note MEASURE OURS [PEER [LOST]]
    printf '%s\t%s\t%s\t%s\n' "$1" "$2" "${3-}" "${4-0}" >>"$BENCH_WORK/rounds"
}

values_of() { awk -F '\t' -v measure="$1" '$1 == measure { print $2 }' "$BENCH_WORK/rounds"; } # values_of MEASURE
median_of() { # median_of MEASURE: of our values, three digits
    values_of "$1" | sort -g | awk '{ v[NR] = $1 } END {
        m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
        printf((m >= 100 ? "%.0f" : "%.3g"), m) }'
}

head_of_table() {
    printf '| measure | ours | peer | ratio | from … to | wanted |\n|---|--:|--:|--:|--:|--:|\n'
}

# A Markdown row, and a line of results: measure, median, half of what lies between the quartiles,
# what is wanted (">=0.75", "<=0.5"; ">" or "<" alone: only which way is better).
report() { # report MEASURE WANTED: of all its rounds
    local line
    line=$(awk -F '\t' -v measure="$1" -v wanted="$2" -f bench/parts/report.awk "$BENCH_WORK/rounds")
    printf '%s\n' "${line%%$'\n'*}"
    printf '%s\n' "${line#*$'\n'}" >>"$BENCH_RESULTS"
}
