# Records -> what share of them has what (bench/lab/README.md).  jq -nr -f shares.jq expected.ndjson

def has($protocol): .[$protocol].deployment | . == "present" or . == "multiple";
def stage($stage): has("mta_sts") and .mta_sts.policy.stage == $stage;
def is_enforced: .dmarc.rfc9989.policy | . == "quarantine" or . == "reject";

# [what, of what]: both are conditions on a record
def shares: [
    ["MX", "a domain", has("mx")],
    ["SPF", "a domain", has("spf")],
    ["SPF beside it", "MX", has("mx") and has("spf")],
    ["an include", "SPF", .spf.includes != []],
    ["more than ten look-ups", "SPF", (.spf.errors | index("too_many_lookups")) != null],
    ["DMARC", "a domain", has("dmarc")],
    ["quarantine or reject", "DMARC", has("dmarc") and is_enforced],
    ["rua", "DMARC", .dmarc.rua != []],
    ["rua or ruf elsewhere", "rua", .dmarc.external != []],
    ["not authorised there", "rua or ruf elsewhere", any(.dmarc.external[]; .status == "missing")],
    ["MTA-STS", "a domain", has("mta_sts")],
    ["a valid record", "MTA-STS", has("mta_sts") and .mta_sts.errors == []],
    ["policy lost in DNS", "MTA-STS", stage("dns")],
    ["policy lost in TCP", "MTA-STS", stage("tcp")],
    ["policy lost in TLS", "MTA-STS", stage("tls")],
    ["policy lost in HTTP", "MTA-STS", stage("http")],
    ["policy with a syntax error", "MTA-STS", stage("syntax")],
    ["an MX host not covered", "MTA-STS", .mta_sts.mx_match.unmatched != []],
    ["TLS-RPT", "a domain", has("tls_rpt")],
    ["TLS-RPT beside it", "MTA-STS", has("mta_sts") and has("tls_rpt")]];

reduce (inputs | select(.mx.deployment != "not_checked") | shares) as $shares ({counts: {"a domain": 0}};
    .counts["a domain"] += 1
    | reduce $shares[] as [$what, $of, $holds] (.; .of[$what] = $of
        | .counts[$what] += (if $holds then 1 else 0 end)))
| . as {$counts, $of}
| $of | to_entries[] | "\(.key) of \(.value): \($counts[.key])/\($counts[.value]) = \(
    $counts[.key] * 1000 / ([1, $counts[.value]] | max) | round / 10) %"
