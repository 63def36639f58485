#!/usr/bin/env bash
# From nothing to a booked appointment, over HTTP alone: what a platform's engineer does once for each customer.
#
#   BASE         where calbridge is, e.g. http://127.0.0.1:8000
#   ORG          the id that your platform has for the customer: any UUID
#   TOKEN        a token that your platform signs, with the claims {"org_id": ORG, "exp": ...}
#   CALCOM_KEY   the customer's Cal.com API key
set -euo pipefail
: "${BASE:?}" "${ORG:?}" "${TOKEN:?}" "${CALCOM_KEY:?}"

call() { # method, path, body
    curl -sS --fail-with-body -X "$1" "$BASE$2" -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
        ${3:+-d "$3"}
    echo
}
field() { # of the JSON on standard input, the first value of a field
    grep -o "\"$1\":\"[^\"]*" | head -1 | cut -d'"' -f4
}

# 1. Connect Cal.com. The key is tried before it is stored; the organization springs into being with it.
ACCOUNT=$(call POST /api/v1/calcom/connect \
    '{"org_id": "'"$ORG"'", "api_key": "'"$CALCOM_KEY"'", "account_name": "Front desk"}' | tee /dev/stderr | field calcom_account_id)

# 2. Make an agent, and see what it can book.
AGENT=$(call POST /api/v1/agents '{"agentName": "Dr. Rivera"}' | tee /dev/stderr | field id)
call GET "/api/v1/calcom/event-types?org_id=$ORG"

# 3. Link the agent to the account, and have it book consultations.
call PUT "/api/v1/calcom/agents/$AGENT/account" '{"calcom_account_id": "'"$ACCOUNT"'"}'
call PATCH "/api/v1/agents/$AGENT" '{"calcomCalendarId": "consultation"}'
call GET "/api/v1/calcom/agents/$AGENT/info"

# 4. Take a call: the voice platform needs no credential for this.
WHEN=$(call POST /api/v1/calcom/appointments/manage \
    '{"action": "suggest", "org_id": "'"$ORG"'", "agent_id": "'"$AGENT"'"}' | tee /dev/stderr |
    grep -o '20[0-9-]*T[0-9:]*Z' | head -1)
call POST /api/v1/calcom/appointments/manage \
    '{"action": "book", "org_id": "'"$ORG"'", "agent_id": "'"$AGENT"'", "name": "Jane Doe", "phone": "+442079460958",
      "appointment_datetime": "'"$WHEN"'"}'

# 5. And look at what is booked.
call GET "/api/v1/calcom/appointments?org_id=$ORG&status=upcoming&agent_id=$AGENT"
