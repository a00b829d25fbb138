# The committed results (may be empty), then new ones (measure, median, spread, wanted): what has
# moved by more than twice the greater of the two spreads, and by more than 2 %. Ends with 1 where
# something is not as wanted.
function max(a, b) { return a > b ? a : b }
function size(x) { return x < 0 ? -x : x }
FILENAME == ARGV[1] {
    old[$1] = $2
    spread[$1] = $3
    next
}
$4 ~ /^>=/ && $2 < substr($4, 3) + 0 || $4 ~ /^<=/ && $2 > substr($4, 3) + 0 { missed++ }
!($1 in old) { next }
{
    compared++
    moved = $2 - old[$1]
    if (size(moved) <= max(2 * max($3, spread[$1]), 0.02 * size(old[$1])))
        next
    way = $4 !~ /^[<>]/ ? "" : (moved > 0) == ($4 ~ /^>/) ? ", better" : ", WORSE"
    lines[++count] = sprintf("%s: %.3g, was %.3g (spread %.2g, was %.2g)%s", $1, $2, old[$1], $3,
        spread[$1], way)
}
END {
    if (compared)
        printf "\n%d of %d measures have moved since they were recorded%s\n", count, compared,
            count ? ":" : "."
    for (i = 1; i <= count; i++)
        print "  " lines[i]
    exit missed > 0
}
