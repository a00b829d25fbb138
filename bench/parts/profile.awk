# Symbols of the program ("NAME FILE:LINE"), /proc/PID/task/TID/stat of its threads (the
# last of each counts) and perf script's samples (tid, frames from the innermost outwards, an empty
# line) -> lines "PART<tab>share of CPU time".
function part_of_file(file) {
    sub(/:[0-9]+$/, "", file)
    if (file ~ "/scanner/record|/output/json[.]c$") return "JSON"
    if (file ~ "/output/") return "zstd and files"
    if (file ~ "/resolver/") return "DNS"
    if (file ~ "/fetch/") return "HTTPS"
    if (file ~ "/scanner/(classify/|survey|verdict|policy|memo)") return "survey and classifiers"
    if (file ~ "/scanner/(input|feed|target|exclude)") return "input"
    return file ~ "/scanner/" ? "jobs and loop" : ""
}
# For stacks that could not be followed to a function of ours.
function part_of_library(dso) {
    if (dso ~ /zstd/) return "zstd and files"
    if (dso ~ /knot|unbound/) return "DNS"
    if (dso ~ /curl|ssl|crypto/) return "HTTPS"
    return dso ~ /libuv/ ? "jobs and loop" : ""
}
function take_sample(    part) {
    if (!in_sample)
        return
    part = found != "" ? found : library != "" ? library : "not known"
    samples[part]++
    total++
    if (part == "zstd and files")
        writes[tid]++
    found = library = ""
    in_sample = 0
}
FNR == 1 { file_number++ }
file_number == 1 {
    part = part_of_file($2)
    # one name in two parts tells nothing: the next frame decides
    if ($1 in parts && parts[$1] != part)
        part = ""
    parts[$1] = part
    next
}
file_number == 2 {
    thread = $1
    sub(/^.*\) /, "") # the name in parentheses may hold spaces; then field 3 is the first
    user[thread] = $12
    system_time[thread] = $13
    next
}
NF == 0 { take_sample(); next }
/^ *[0-9]+ *$/ { take_sample(); tid = $1 + 0; in_sample = 1; next }
{
    # address, symbol, (library)
    if (found == "" && ($2 in parts))
        found = parts[$2]
    if (library == "")
        library = part_of_library($NF)
}
END {
    take_sample()
    for (thread in user) {
        user_all += user[thread]
        system_all += system_time[thread]
        if (writes[thread] > writes[writer])
            writer = thread
    }
    all = user_all + system_all
    if (all == 0 || samples["not known"] > total / 4)
        exit 1
    for (part in samples)
        printf "%s\t%.4f\n", part, samples[part] / total * user_all / all
    printf "system calls\t%.4f\n", system_all / all
    output = (samples["JSON"] + samples["zstd and files"]) / total * user_all
    printf "output: JSON and zstd\t%.4f\n", (output + system_time[writer]) / all
}
