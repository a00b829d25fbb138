# Records of a scan -> an adoption table.  jq -nr -f demo_table.jq scan.ndjson

def pad(width): tostring | (" " * ([0, width - length] | max)) + .;
def left(width): tostring | . + (" " * ([0, width - length] | max));
def thousands: tostring | if length > 3 then .[:-3] + "," + .[-3:] else . end;
def share(whole): if whole == 0 then "-" else
    (. * 1000 / whole | round) | "\(. / 10 | floor).\(. % 10) %" end;
def cell(whole): "\(thousands | pad(9)) \(share(whole) | pad(8))";

def protocols: ["mx", "spf", "dmarc", "mta_sts", "tls_rpt"];
def titles: {mx: "MX", spf: "SPF", dmarc: "DMARC", mta_sts: "MTA-STS", tls_rpt: "TLS-RPT"};

def count(record):
    .status[record.status] += 1
    | if record.status == "invalid_input" or record.status == "excluded" then . else
        .scanned += 1
        | reduce protocols[] as $p (.;
            .deployment[$p][record[$p].deployment] += 1
            | if record[$p].deployment == "present" or record[$p].deployment == "multiple" then
                .deployed[$p] += 1
                | .validity[$p][record[$p].validity // "open"] += 1
              else . end)
        | .lifecycle[record.mta_sts.lifecycle] += 1
        | .dmarc_policy[record.dmarc.rfc9989.policy // "no DMARC"] += 1
        | reduce record.findings[] as $f (.; .codes["\($f.severity) \($f.code)"] += 1)
      end;

def protocol_row($p):
    .scanned as $all | (.deployed[$p] // 0) as $deployed | (.validity[$p] // {}) as $validity
    | (titles[$p] | left(10)) + ($deployed | cell($all))
    + (if $p == "mx" then "\("-" | pad(18))\("-" | pad(18))"
       else (($validity.valid // 0) | cell($deployed)) + (($validity.invalid // 0) | cell($deployed)) end)
    + ((.deployment[$p].absent // 0) | cell($all))
    + ((.deployment[$p].temp_error // 0) | thousands | pad(8));

def rows(counts; whole): counts | to_entries | sort_by(-.value)
    | .[] | "  \(.key | left(44))\(.value | cell(whole))";

reduce inputs as $record ({scanned: 0}; count($record))
| "\(.scanned | thousands) domains surveyed (of \([.status[]] | add | thousands) lines: \(
    .status | to_entries | map("\(.value | thousands) \(.key)") | join(", ")))",
  "",
  "          \("deployed" | pad(18))\("of them valid" | pad(18))\("invalid" | pad(18))\("absent" | pad(18))\("failed" | pad(8))",
  protocol_row(protocols[]),
  "",
  "MTA-STS, where there is a record",
  ((.deployed.mta_sts // 0) as $n | rows(.lifecycle | del(.absent); $n)),
  "",
  "DMARC policy a receiver applies (RFC 9989)",
  (.scanned as $n | rows(.dmarc_policy; $n)),
  "",
  "Most frequent errors",
  ((.deployed | add) as $n | .codes // {} | to_entries | map(select(.key | startswith("error")))
    | sort_by(-.value) | .[:8][] | "  \(.key[6:] | left(44))\(.value | thousands | pad(9))")
