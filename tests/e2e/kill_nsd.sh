#!/bin/bash
# The hosting name servers are killed in the middle of a run. The run goes on to its end; every
# line has its record; what could not be looked up is temp_error, and nothing that was published
# is called absent. A record that claims to be complete ("ok") is right in everything.
. "$(dirname "$0")/e2e.sh"
in_lab --count 1500

start_scan "$LAB_DIR/domains.txt" --dns-rate 3000 --max-in-flight 1500 --timeout 500 \
    >"$work/out.ndjson"
await_lines "$work/out.ndjson" 500 60
kill -KILL -- "-$LAB_PID_NSD_HOST"
say "nsd killed after $(wc -l <"$work/out.ndjson") records"
await_end 150
expect_equal "exit code" 0 "$code"

jq -cn --slurpfile expected "$LAB_DIR/expected.ndjson" "$closed"'
  def is_loss($e): (.status == "partial" or .status == "error")
    and $e.status != "invalid_input" and $e.status != "excluded";
  def is_honest($e): . as $r
    | all("mx", "ns", "spf", "dmarc", "mta_sts", "tls_rpt"; . as $area |
        ($r[.].deployment | . == "temp_error" or . == $e[$area].deployment)
        and ($r[.].validity | . == null or . == $e[$area].validity))
      and (.mta_sts.lifecycle | . == "temp_error" or . == $e.mta_sts.lifecycle)
      and (.dns.status == $e.dns.status or (.dns.status | . == "servfail" or . == "timeout"
        or . == "network" or . == "refused"));
  INDEX($expected[]; .line) as $by_line
  | reduce inputs as $r ({seen: {}, lost: 0, equal: 0, wrong: [], doubled: 0};
      $by_line[$r.line | tostring] as $e
      | .doubled += .seen[$r.line | tostring] // 0
      | .seen[$r.line | tostring] = 1
      | if $e != null and ($r | closed) == ($e | closed) then .equal += 1
        elif $e != null and ($r | is_loss($e)) and ($r | is_honest($e)) then .lost += 1
        else .wrong += [$r] end)
  | {missing: (($by_line | length) - (.seen | length)), doubled, equal, lost,
     wrong: (.wrong | length), example: .wrong[0]}' "$work/out.ndjson" >"$work/result"
jq -c 'del(.example)' "$work/result"
expect_json "a loss was taken for an answer" \
    '.wrong == 0 and .missing == 0 and .doubled == 0' "$work/result"
expect_json "nothing was lost: nsd was killed too late to test anything" '.lost > 0' "$work/result"
expect_json "nothing was left: nsd was killed too early to test anything" '.equal > 400' "$work/result"
