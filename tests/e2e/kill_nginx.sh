#!/bin/bash
# The policy hosts' server is killed in the middle of a run. The run goes on to its end; every
# line has its record; a policy that could not be fetched is a loss at a named stage, never an
# absent deployment; everything else is as ever.
. "$(dirname "$0")/e2e.sh"
in_lab --count 3000

start_scan "$LAB_DIR/domains.txt" --dns-rate 4000 --max-in-flight 100 >"$work/out.ndjson"
await_lines "$work/out.ndjson" 1000 60
kill -KILL -- "-$LAB_PID_NGINX"
say "nginx killed after $(wc -l <"$work/out.ndjson") records"
await_end 120
expect_equal "exit code" 0 "$code"

jq -cn --slurpfile expected "$LAB_DIR/expected.ndjson" "$closed"'
  def losses: ["tcp_refused", "tcp_reset", "tcp_timeout", "tls_protocol", "tls_timeout",
    "http_protocol", "http_timeout"];
  # a record but for what hangs on the fetch
  def apart: closed | del(.status, .mta_sts.validity, .mta_sts.lifecycle, .mta_sts.mx_match)
    | .mta_sts.policy |= {url, addresses, cname}
    | .findings |= map(select(.code | startswith("mta_sts.policy.") or . == "mta_sts.mx_unmatched" | not));
  def is_loss($e): (.mta_sts.policy.error as $error | losses | index($error)) != null
    and (.mta_sts.lifecycle == "broken" or .mta_sts.lifecycle == "temp_error")
    and $e.mta_sts.policy.stage != "not_fetched" and apart == ($e | apart);
  INDEX($expected[]; .line) as $by_line
  | reduce inputs as $r ({seen: {}, lost: 0, equal: 0, wrong: [], doubled: 0};
      $by_line[$r.line | tostring] as $e
      | .doubled += .seen[$r.line | tostring] // 0
      | .seen[$r.line | tostring] = 1
      | if $e != null and ($r | closed) == ($e | closed) then .equal += 1
        elif $e != null and ($r | is_loss($e)) then .lost += 1
        else .wrong += [$r] end)
  | {missing: (($by_line | length) - (.seen | length)), doubled, equal, lost,
     wrong: (.wrong | length), example: .wrong[0]}' "$work/out.ndjson" >"$work/result"
jq -c 'del(.example)' "$work/result"
expect_json "something else than policies was lost" \
    '.wrong == 0 and .missing == 0 and .doubled == 0' "$work/result"
expect_json "nothing was lost: nginx was killed too late to test anything" '.lost > 0' "$work/result"
expect_json "nothing was left: nginx was killed too early to test anything" '.equal > 1000' "$work/result"
