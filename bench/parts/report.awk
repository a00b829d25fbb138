# The rounds of one measure (measure, ours, peer, answers lost) -> a Markdown row, then a line of results.
function sort(list, n,    i, j, x) {
    for (i = 2; i <= n; i++) {
        x = list[i]
        for (j = i - 1; j > 0 && list[j] > x; j--)
            list[j + 1] = list[j]
        list[j + 1] = x
    }
}
function median(list, n) {
    sort(list, n)
    return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}
function figure(x) { # three digits that say something
    return x >= 100 ? sprintf("%.0f", x) : x >= 10 ? sprintf("%.1f", x) : sprintf("%.3g", x)
}
function grouped(x,    text) {
    text = figure(x)
    if (x < 10000)
        return text
    while (match(text, /[0-9][0-9][0-9][0-9](,|$)/))
        text = substr(text, 1, RSTART) "," substr(text, RSTART + 1)
    return text
}
function is_met(value) {
    return wanted ~ /^>=/ ? value >= substr(wanted, 3) + 0 : value <= substr(wanted, 3) + 0
}
$1 == measure {
    n++
    ours[n] = $2 + 0
    peer[n] = $3 + 0
    lost += $4
    has_peer = $3 != ""
    value[n] = !has_peer ? $2 + 0 : $3 + 0 > 0 ? $2 / $3 : 0
}
END {
    if (n == 0)
        exit
    m = median(value, n)
    if (wanted ~ /=/)
        verdict = wanted ": " (is_met(m) ? "yes" : "NO")
    if (lost > 0)
        verdict = verdict " (lost: " lost ")"
    printf "| %s | %s | %s | %s | %s … %s | %s |\n", measure, grouped(median(ours, n)),
        has_peer ? grouped(median(peer, n)) : "", has_peer ? figure(m) : "",
        figure(value[1]), figure(value[n]), verdict
    printf "%s\t%.6g\t%.3g\t%s\n", measure, m,
        (value[n - int(n / 4)] - value[1 + int(n / 4)]) / 2, wanted
}
