#!/usr/bin/env bash
# From nothing to a booked appointment with the calbridge command: what an operator does once for each customer.
# It takes the service's settings, and no running service.
#
#   CALCOM_KEY   the customer's Cal.com API key
set -euo pipefail
: "${CALCOM_KEY:?}"

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

# 3. Take a call, as the customer's voice platform will: what is printed is what the caller hears, or all of it as JSON.
manage() {
    calbridge manage "$@" --org "$ORG" --agent "$AGENT"
}
WHEN=$(manage suggest --json | tee /dev/stderr | grep -o '20[0-9-]*T[0-9:]*Z' | head -1)
manage book name="Jane Doe" email=jane@example.com appointment_datetime="$WHEN"

# 4. The platform's key. From now on this organization takes calls over HTTP only from whoever has it.
calbridge key create --org "$ORG" --name "Voice platform"
calbridge org set "$ORG" --require-key
