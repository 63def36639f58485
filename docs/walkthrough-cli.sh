#!/usr/bin/env bash
# From nothing to a booked appointment with the calbridge command: what an operator does once for each customer.
# The service runs meanwhile, with the same settings (calbridge serve).
#
#   BASE         where the service is, e.g. http://127.0.0.1:8000
#   CALCOM_KEY   the customer's Cal.com API key
set -euo pipefail
: "${BASE:?}" "${CALCOM_KEY:?}"

field() { # of the JSON on standard input, the first value of a field
    grep -o "\"$1\": *\"[^\"]*" | head -1 | cut -d'"' -f4
}

# 1. An organization, an agent, and the account that it uses. The key goes over standard input, never the command line.
ORG=$(calbridge org create --name "Demo Clinic" --json | tee /dev/stderr | field id)
AGENT=$(calbridge agent create --org "$ORG" --name "Dr. Rivera" --event-type consultation --json | tee /dev/stderr | field id)
ACCOUNT=$(echo "$CALCOM_KEY" | calbridge account connect --org "$ORG" --api-key - --name "Front desk" --json | tee /dev/stderr | field id)
calbridge agent link --org "$ORG" --agent "$AGENT" --account "$ACCOUNT"

# 2. Would a call go well? The exit code says so, too.
calbridge doctor --org "$ORG"

# 3. From now on this organization takes calls only from whoever has this key.
KEY=$(calbridge key create --org "$ORG" --name "Voice platform" --json | field key)
calbridge org set "$ORG" --require-key

# 4. Take a call.
manage() {
    curl -sS --fail-with-body "$BASE/api/v1/calcom/appointments/manage" -H "X-Api-Key: $KEY" \
        -H 'Content-Type: application/json' -d '{"org_id": "'"$ORG"'", "agent_id": "'"$AGENT"'", '"$1"'}'
    echo
}
WHEN=$(manage '"action": "suggest"' | tee /dev/stderr | grep -o '20[0-9-]*T[0-9:]*Z' | head -1)
manage '"action": "book", "name": "Jane Doe", "email": "jane@example.com", "appointment_datetime": "'"$WHEN"'"'
