"""What can be wrong with the settings, the database, organizations and agents: one half of the catalogue."""

from enum import unique

from calbridge.services.doctor.findings import Ailment, Severity

NEW_SECRET = 'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'  # noqa: S105 - how to make one
NEW_ENCRYPTION_KEY = 'python3 -c "import secrets; print(secrets.token_hex(32))"'
OLD_OR_NEW_ENCRYPTION_KEY = (
    f"Set it to the key that the accounts were connected with; for a new installation make one: {NEW_ENCRYPTION_KEY}"
)


@unique
class SetupAilment(Ailment):
    """Findings about calbridge's own house."""

    # --- Settings
    ENV_FILE_UNREADABLE = (
        Severity.PROBLEM,
        "The file .env cannot be read: the service does not start, and no call is answered.",
        "Save it as plain text in UTF-8, readable for the user who runs calbridge.",
    )
    SETTING_INVALID = (
        Severity.PROBLEM,
        "{variable} has a value that cannot be used ({fault}): the service does not start, and no call is answered.",
        "Correct it; .env.example says what it takes.",
    )
    ENCRYPTION_KEYS_MISSING = (
        Severity.PROBLEM,
        "CALBRIDGE_ENCRYPTION_KEYS is not set: the service does not start, and no stored Cal.com key can be used.",
        OLD_OR_NEW_ENCRYPTION_KEY,
    )
    ENCRYPTION_KEYS_INVALID = (
        Severity.PROBLEM,
        "CALBRIDGE_ENCRYPTION_KEYS cannot be used ({fault}): the service does not start, and no call is answered.",
        OLD_OR_NEW_ENCRYPTION_KEY,
    )
    JWT_SECRET_MISSING = (
        Severity.PROBLEM,
        "CALBRIDGE_JWT_SECRET is not set: the service does not start, and no call is answered.",
        f"Set it to the secret of whoever issues the tokens, or make one: {NEW_SECRET}",
    )
    JWT_PUBLIC_KEY_MISSING = (
        Severity.PROBLEM,
        (
            "CALBRIDGE_JWT_PUBLIC_KEY holds no public key, and CALBRIDGE_JWT_ALGORITHM needs one: the service does not "
            "start."
        ),
        "Set it to the public key, in PEM, of whoever issues the tokens.",
    )
    JWT_SECRET_WEAK = (
        Severity.PROBLEM,
        (
            "A secret in CALBRIDGE_JWT_SECRET has only {length} bytes: whoever guesses it can read and change every "
            "caller's appointments."
        ),
        f"Replace it by one of 32 bytes or more: {NEW_SECRET}",
    )
    JWT_SECRET_REUSED = (
        Severity.PROBLEM,
        (
            "CALBRIDGE_JWT_SECRET and CALBRIDGE_ENCRYPTION_KEYS share a secret: whoever learns how tokens are signed "
            "can also read the stored Cal.com keys and callers' data."
        ),
        f"Replace the one in CALBRIDGE_JWT_SECRET: {NEW_SECRET}",
    )
    ANY_ORGANIZATION_ALLOWED = (
        Severity.WARNING,
        "CALBRIDGE_JWT_ORG_FALLBACK is any: a token that names no organization opens the appointments of all of them.",
        "If your platform names the organization in its tokens, set it to off; if it lists several, to listed.",
    )
    SQLITE_IN_USE = (
        Severity.WARNING,
        "The database is an SQLite file: it serves one process only, and calls at the same time wait for each other.",
        (
            "In production, set CALBRIDGE_DATABASE_URL to a PostgreSQL database; on one machine for trying out, it may "
            "stay."
        ),
    )
    PLACEHOLDER_DOMAIN_OWNABLE = (
        Severity.WARNING,
        (
            "CALBRIDGE_PLACEHOLDER_EMAIL_DOMAIN is {domain}: Cal.com writes there about callers who gave only a phone "
            "number, and whoever owns that domain can read it."
        ),
        "Set it to phone.invalid, which nobody can own; if the domain is yours, it may stay.",
    )
    DATABASE_URL_INVALID = (
        Severity.PROBLEM,
        "CALBRIDGE_DATABASE_URL cannot be used ({fault}): the service does not start, and no call is answered.",
        "Set it to postgresql://user:password@host/database, or to sqlite:///file.db for trying out.",
    )
    CALCOM_ADDRESS_INVALID = (
        Severity.PROBLEM,
        "The addresses of Cal.com cannot be used ({fault}): the service does not start, and no call is answered.",
        (
            "Set CALBRIDGE_CALCOM_API_URL to https://api.cal.com or https://api.cal.eu, or to your own Cal.com, "
            "without /v2."
        ),
    )

    # --- Database
    DATABASE_AWAY = (
        Severity.PROBLEM,
        "The database does not answer: callers hear that the service is unavailable.",
        "See that it runs and that CALBRIDGE_DATABASE_URL names the right host, user, password and database.",
    )
    SCHEMA_MISSING = (
        Severity.PROBLEM,
        "The database holds no tables of calbridge: no call can be answered.",
        "See that CALBRIDGE_DATABASE_URL names the right database, then run: calbridge db upgrade",
    )
    SCHEMA_OLD = (
        Severity.PROBLEM,
        "The database's tables are of an older version of calbridge: calls fail until they are brought up to date.",
        "Run: calbridge db upgrade",
    )
    SCHEMA_UNKNOWN = (
        Severity.PROBLEM,
        (
            "The database's tables are of a version that this calbridge does not know, most likely a newer one: calls "
            "fail."
        ),
        "Install the version of calbridge that made them.",
    )
    RECORDS_UNREADABLE = (
        Severity.PROBLEM,
        "Organizations, agents and accounts could not be read, so none of them was looked at.",
        "Mend what else is wrong with the database, then run calbridge doctor again.",
    )

    # --- Intents
    INTENTS_NEED_PERSON = (
        Severity.WARNING,
        (
            "Of what callers wished, {count} could not be settled: their callers were never told whether they have "
            "their appointment."
        ),
        (
            "See them with calbridge intents list --state needs_human, look at Cal.com, and settle each: calbridge "
            "intents resolve ID --confirmed UID, or --rejected"
        ),
    )
    INTENTS_OPEN_LONG = (
        Severity.WARNING,
        (
            "Of what callers wished, {count} have been open for more than an hour: Cal.com cannot be asked what became "
            "of it, and repeating the wish is answered with still confirming."
        ),
        "See that the account is connected and Cal.com answers; calbridge intents list shows which they are.",
    )
    INTENTS_OVERDUE = (
        Severity.PROBLEM,
        (
            "Nobody sees to what callers wished: {count} should have been looked into more than five minutes ago. A "
            "booking whose answer was lost is not found, and its caller does not hear of it."
        ),
        "See that calbridge serve or calbridge worker runs over this database, and what its log says of the sweeper.",
    )

    # --- Organizations and agents
    NO_ORGANIZATION = (
        Severity.WARNING,
        "There is no organization yet: every call is answered with not found.",
        "Make one: calbridge org create --name NAME",
    )
    ORGANIZATION_UNKNOWN = (
        Severity.PROBLEM,
        "There is no organization of this id here: calls that name it are answered with not found.",
        "Compare the id with those of: calbridge org list",
    )
    AGENT_UNKNOWN = (
        Severity.PROBLEM,
        "There is no agent of this id here, or it was deleted: calls that name it are answered with not found.",
        "Compare the id with those of: calbridge agent list --org ORGANIZATION",
    )
    AGENT_INACTIVE = (
        Severity.NOTE,
        "The agent is switched off: calls that name it are answered with not found.",
        "To use it, set its status to ACTIVE.",
    )
    AGENT_NOT_CONNECTED = (
        Severity.PROBLEM,
        "The agent has no Cal.com account: its callers hear that the calendar cannot be reached.",
        "Link one: calbridge agent link --org {organization} --agent {agent} --account ACCOUNT",
    )
    AGENT_LINKED_TO_DISCONNECTED = (
        Severity.PROBLEM,
        (
            "The agent's Cal.com account ({account}) is disconnected or switched off: its callers hear that the "
            "calendar cannot be reached."
        ),
        (
            "Connect or switch on that account, or link another one: calbridge agent link --org {organization} --agent "
            "{agent} --account ACCOUNT"
        ),
    )
    AGENT_ZONE_INVALID = (
        Severity.PROBLEM,
        (
            "The agent's time zone {zone} does not exist: when its callers say 10 AM, it is taken as 10 AM in the "
            "account's zone."
        ),
        "Set the agent's time zone to a name such as Europe/London or America/New_York.",
    )
