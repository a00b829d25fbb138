# Records of a scan -> three of them as cards.  COLUMNS=100 jq -nr -f demo_examples.jq scan.ndjson

def left(width): tostring | . + (" " * ([0, width - length] | max));
def fit(width): if length > width then .[: width - 1] + "…" else . end;
def row(title; verdict; text): "  \(title | left(9))\(verdict // "open" | left(14))\(text // "")";

def verdict: if .deployment == "present" then .validity else .deployment end;

def policy_text:
    if .lifecycle == "absent" then ""
    elif .policy.stage == "ok" then
        "mode \(.policy.mode), \(.policy.mx | join(" ")), max_age \(.policy.max_age)"
    else "\(.policy.stage): \(.policy.error // (.errors | join(" ")))" end;

def card:
    "\(.domain)   (line \(.line), \(.status), \(.dns.queries) questions)",
    row("MX"; .mx.deployment; .mx.hosts | map("\(.preference) \(.host)") | join(", ")),
    row("SPF"; .spf | verdict; .spf.record),
    row("DMARC"; .dmarc | verdict; .dmarc.record),
    row("MTA-STS"; .mta_sts.lifecycle; .mta_sts | policy_text),
    row("TLS-RPT"; .tls_rpt | verdict; .tls_rpt.record),
    (.findings[:4][] | "    \(.severity | left(9))\(.code)\(if .detail then ": " + .detail else "" end)"),
    "";

def is_model: .mta_sts.lifecycle == "enforce" and .spf.validity == "valid"
    and .dmarc.validity == "valid" and .tls_rpt.validity == "valid";
def is_broken_policy: .mta_sts.lifecycle == "broken" and .mta_sts.policy.stage == "tls";
def is_broken_spf: .spf.validity == "invalid" and (.spf.errors | index("too_many_lookups"));

([$ENV.COLUMNS | tonumber? // 100, 60] | max) as $columns
| reduce inputs as $record ({};
    if .model == null and ($record | is_model) then .model = $record
    elif .policy == null and ($record | is_broken_policy) then .policy = $record
    elif .spf == null and ($record | is_broken_spf) then .spf = $record
    else . end)
| (.model, .policy, .spf) | select(. != null) | card | fit($columns)
