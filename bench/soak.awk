# What bench/soak saw, as a picture: memory and descriptors over time.
function x_of(seconds) { return 60 + seconds / last * 700 }
function y_of(value, most, top) { return top + 150 - value / most * 150 }
function line(values, most, top, colour,   i, path) {
    for (i = 1; i <= n; i++) path = path sprintf("%s%.1f,%.1f", i > 1 ? " " : "", x_of(at[i]), y_of(values[i], most, top))
    printf "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.2\" points=\"%s\"/>\n", colour, path
}
function axes(title, most, step, top,   value) {
    printf "<text x=\"60\" y=\"%d\" class=\"t\">%s</text>\n", top - 8, title
    for (value = 0; value <= most; value += step) {
        printf "<line x1=\"60\" x2=\"760\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>\n", y_of(value, most, top), y_of(value, most, top)
        printf "<text x=\"54\" y=\"%.1f\" text-anchor=\"end\">%d</text>\n", y_of(value, most, top) + 4, value
    }
}
function step_of(most,   step) { for (step = 10; most / step > 6; step *= step ~ /^2/ ? 2.5 : 2) ; return step }
NR > 1 {
    at[++n] = $1; rss[n] = $2 / 1024; fds[n] = $3; last = $1; records = $4; queries = $5
    if (rss[n] > rss_most) rss_most = rss[n]
    if (fds[n] > fds_most) fds_most = fds[n]
}
END {
    print "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"800\" height=\"465\" font-family=\"sans-serif\" font-size=\"11\">"
    print "<style>.t{font-size:13px;font-weight:bold}</style><rect width=\"800\" height=\"465\" fill=\"#fff\"/>"
    step = step_of(rss_most); most = step * (int(rss_most / step) + 1)
    axes("resident memory, MB (" mode ")", most, step, 30); line(rss, most, 30, "#06c")
    step = step_of(fds_most); most = step * (int(fds_most / step) + 1)
    axes("open descriptors", most, step, 230); line(fds, most, 230, "#c50")
    for (minute = 0; minute * 60 <= last; minute += 5)
        printf "<text x=\"%.1f\" y=\"398\" text-anchor=\"middle\">%d</text>\n", x_of(minute * 60), minute
    printf "<text x=\"410\" y=\"416\" text-anchor=\"middle\">minutes; grey: what is judged</text>\n"
    printf "<rect x=\"%.1f\" y=\"30\" width=\"%.1f\" height=\"350\" fill=\"#000\" opacity=\"0.05\"/>\n", x_of(last / 3), 700 * 2 / 3
    printf "<text x=\"60\" y=\"434\">%d records, %d queries; one domain in sixteen is faulty, a storm every five minutes,</text>\n", records, queries
    print "<text x=\"60\" y=\"450\">1 % of the datagrams are lost, 1 % come twice, 2 % late</text>\n</svg>"
}
