"""What can be wrong with Cal.com accounts and their event types: the other half of the catalogue."""

from enum import unique

from calbridge.services.doctor.findings import Ailment, Severity

NEW_CALCOM_KEY = (
    "Make a new key at Cal.com under Settings > Developer > API keys and connect it again, as the same Cal.com user: "
    "{connect}"
)


@unique
class CalendarAilment(Ailment):
    """Findings about calendars, as Cal.com tells of them."""

    # --- Accounts
    ACCOUNT_NEEDS_REAUTH = (
        Severity.PROBLEM,
        "Cal.com has refused the account's key: its callers hear that the calendar cannot be reached.",
        NEW_CALCOM_KEY,
    )
    KEY_REFUSED = (
        Severity.PROBLEM,
        (
            "Cal.com refuses the account's key (expired or deleted): the next caller hears that the calendar cannot be "
            "reached."
        ),
        NEW_CALCOM_KEY,
    )
    KEY_UNREADABLE = (
        Severity.PROBLEM,
        "The account's stored key cannot be decrypted with CALBRIDGE_ENCRYPTION_KEYS: its calls fail.",
        "Add the encryption key that was in use when the account was connected, or connect it again: {connect}",
    )
    ADDRESS_NOT_ALLOWED = (
        Severity.PROBLEM,
        "The account's Cal.com at {address} may not be called: its callers hear that the calendar cannot be reached.",
        (
            "If the address is right, set it as CALBRIDGE_CALCOM_API_URL or add its host to "
            "CALBRIDGE_CALCOM_ALLOWED_HOSTS, as host or host:port; else disconnect the account."
        ),
    )
    CALCOM_UNREACHABLE = (
        Severity.PROBLEM,
        "Cal.com does not answer at {address}: callers hear that the calendar cannot be reached.",
        "See whether this machine can reach that address, and whether Cal.com reports an outage.",
    )
    CALCOM_ANSWER_ODD = (
        Severity.PROBLEM,
        "Cal.com at {address} gives no usable answer about {topic}: calls that need it fail.",
        "Try again in a minute; if it stays, see that this is the address of Cal.com's API, without /v2.",
    )
    CALCOM_BUSY = (
        Severity.PROBLEM,
        (
            "Cal.com takes no more requests with this key for {seconds} seconds: callers hear that the calendar cannot "
            "be reached."
        ),
        "Give calbridge a key of its own, which nothing else uses, and try again in a minute.",
    )
    ACCOUNT_NOT_EXAMINED = (
        Severity.WARNING,
        "Time was up before Cal.com had told everything about this account: what is wrong with it may be missing here.",
        "Look at it alone: calbridge doctor --org {organization}",
    )
    REQUESTS_RUNNING_OUT = (
        Severity.WARNING,
        (
            "Only {percent} % of the requests that Cal.com allows this key per minute are left: soon callers hear that "
            "the calendar cannot be reached."
        ),
        "Give calbridge a key of its own, which nothing else uses.",
    )
    CLOCK_OFF = (
        Severity.WARNING,
        (
            "This machine's clock is {seconds} seconds {direction} Cal.com's: good tokens may be refused, and times "
            "close to now are offered wrongly."
        ),
        "Have the clock set by NTP (timedatectl set-ntp true).",
    )
    CLOCK_FAR_OFF = (
        Severity.PROBLEM,
        (
            "This machine's clock is {seconds} seconds {direction} Cal.com's: good tokens are refused, and callers are "
            "offered times that are over, or not offered those that are open."
        ),
        "Have the clock set by NTP (timedatectl set-ntp true).",
    )
    KEY_EXPIRES_SOON = (
        Severity.WARNING,
        (
            "The account got its key {days} days ago: Cal.com does not tell when a key expires, but by default that "
            "is after 30 days, and then its callers hear that the calendar cannot be reached."
        ),
        "See the key's date at Cal.com under Settings > Developer > API keys; if it is near, make a new one: {connect}",
    )
    SHARED_CALENDAR = (
        Severity.WARNING,
        (
            "The same Cal.com user is connected to other organizations ({organizations}): callers of all of them book "
            "into, and can change, one calendar."
        ),
        "If that is not meant, connect another Cal.com user to one of them.",
    )
    USERNAME_DIFFERS = (
        Severity.WARNING,
        "calcomUsername is {set}, but the key belongs to the Cal.com user {real}: callers are booked with {real}.",
        "Correct calcomUsername, or connect the key of the user who is meant.",
    )
    HOST_ZONE_INVALID = (
        Severity.PROBLEM,
        "The Cal.com user's time zone {zone} does not exist here: times may be spoken to callers in UTC.",
        "Choose another time zone at Cal.com under Settings > General, then connect the account again: {connect}",
    )
    HOST_ZONE_CHANGED = (
        Severity.WARNING,
        (
            "The Cal.com user's time zone is now {now}; calbridge still knows {before}: callers may hear times in the "
            "wrong zone."
        ),
        "Connect the account again: {connect}",
    )
    ACCOUNT_ZONE_INVALID = (
        Severity.PROBLEM,
        (
            "The account's time zone {zone} does not exist: when callers say 10 AM, it is taken in the Cal.com user's "
            "zone."
        ),
        "Set the account's timezone to a name such as Europe/London or America/New_York.",
    )
    ACCOUNT_ZONE_DIFFERS = (
        Severity.WARNING,
        (
            "The account's time zone is {account_zone}, the Cal.com user's {host_zone}: when callers say 10 AM, it is "
            "taken as 10 AM in {account_zone}, which the host's calendar shows as another time."
        ),
        "If callers and host are in one place, set both to the same zone.",
    )
    BOOKING_SWITCHED_OFF = (
        Severity.WARNING,
        "createBookingEnabled is off: callers cannot book or move appointments.",
        "If that is not meant, switch it on in the integration.",
    )
    AVAILABILITY_SWITCHED_OFF = (
        Severity.WARNING,
        "checkAvailabilityEnabled is off: callers are not told which times are open.",
        "If that is not meant, switch it on in the integration.",
    )
    WEBHOOK_MISSING = (
        Severity.WARNING,
        "Cal.com does not report changes in this calendar to this service: they show here only within 15 minutes.",
        "See that Cal.com can reach CALBRIDGE_PUBLIC_URL, and connect the account anew: {connect}.",
    )
    WEBHOOKS_LISTED = (
        Severity.NOTE,
        "Cal.com reports changes in this calendar to {hosts}; those webhooks are not this service's.",
        "See that each is still wanted at Cal.com under Settings > Developer > Webhooks.",
    )

    # --- Event types
    NO_EVENT_TYPE = (
        Severity.PROBLEM,
        "The Cal.com account has no event type that can be booked (visible, and not a series): callers cannot book.",
        "Make one at Cal.com under Event types; team event types do not count.",
    )
    EVENT_TYPE_MISSING = (
        Severity.PROBLEM,
        "The event type {event_type} that is set for the account does not exist at Cal.com: callers cannot book.",
        "Set another default event type in the integration; Cal.com lists the user's own under Event types.",
    )
    AGENT_EVENT_TYPE_MISSING = (
        Severity.PROBLEM,
        (
            "The event type {event_type} that is set for the agent does not exist in its Cal.com account: its callers "
            "cannot book."
        ),
        "Set another one for the agent; Cal.com lists the user's own under Event types.",
    )
    EVENT_TYPE_HIDDEN = (
        Severity.WARNING,
        "The event type is hidden at Cal.com, yet callers are booked into it.",
        "If it is out of use, set another one for the account or agent; else show it at Cal.com.",
    )
    EVENT_TYPE_RECURRING = (
        Severity.PROBLEM,
        "The event type makes a whole series of appointments at once: callers are told that it cannot be booked.",
        "Set an event type without recurrence for the account or agent.",
    )
    NOTICE_LONG = (
        Severity.WARNING,
        "The event type must be booked {hours} hours ahead: callers who ask for tomorrow find nothing.",
        "If that is not meant, shorten the minimum notice at Cal.com, in the event type's Limits.",
    )
    HOST_MUST_CONFIRM = (
        Severity.WARNING,
        (
            "The host must confirm each booking: callers only hear that the appointment is requested, never that it "
            "stands."
        ),
        "If that is not meant, switch off Requires confirmation at Cal.com, in the event type's Advanced settings.",
    )
    QUESTIONS_REQUIRED = (
        Severity.NOTE,
        "Callers must answer before they can book: {questions}.",
        "Have the agent's prompt ask for it at the start, or make the question optional at Cal.com.",
    )
    SEVERAL_LENGTHS = (
        Severity.NOTE,
        (
            "The event type comes in several lengths ({lengths} minutes): callers always get the standard one of "
            "{minutes}."
        ),
        "If callers should choose, make an event type for each length.",
    )
    SEATS_SHARED = (
        Severity.WARNING,
        "Several callers can share one time of this event type (seats): none of them can cancel or move by phone.",
        "If that is not meant, switch off seats at Cal.com, in the event type's Advanced settings.",
    )
    CANCELLING_DISABLED = (
        Severity.WARNING,
        "The event type forbids cancelling: callers hear that they cannot cancel by phone.",
        "If that is not meant, allow it at Cal.com, in the event type's Advanced settings.",
    )
    RESCHEDULING_DISABLED = (
        Severity.WARNING,
        "The event type forbids rescheduling: callers hear that they cannot move the appointment by phone.",
        "If that is not meant, allow it at Cal.com, in the event type's Advanced settings.",
    )
    NO_OPEN_TIMES = (
        Severity.WARNING,
        "The event type has no open time in the next 14 days: callers are offered later days, or nothing.",
        "If the calendar is not simply full, check working hours, notice and booking window at Cal.com.",
    )
    PHONE_TAKEN = (
        Severity.NOTE,
        "Callers who give only a phone number are booked with that number; nobody needs an e-mail address.",
        "Nothing has to be done; they get no e-mail from Cal.com.",
    )
    PLACEHOLDER_ADDRESS_USED = (
        Severity.NOTE,
        (
            "Cal.com insists on an e-mail address: callers who give only a phone number are booked under a placeholder "
            "address, and get no e-mail."
        ),
        "Nothing has to be done; for reminders by e-mail, have the agent's prompt ask for an address.",
    )
    PHONE_DEMANDED = (
        Severity.NOTE,
        "The event type insists on a phone number: callers who give only an e-mail address are asked for one.",
        "Have the agent's prompt ask for the number, or make it optional at Cal.com.",
    )
    HOST_CALLS = (
        Severity.NOTE,
        "The host calls at the agreed time: callers who give no phone number are asked for one.",
        "Have the agent's prompt ask for the number.",
    )
