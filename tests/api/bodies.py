"""Whole bodies to compare answers with: each builder fills in what an answer of its kind always has."""

from typing import Any

Json = dict[str, Any]

NOT_CONNECTED = "The integration doesn't seem to be connected. Please head to settings to set it up."
NO_AGENT = "I'm sorry, I can't make appointments on this line."
NO_APPOINTMENT = "I can't find that appointment."
STILL_CONFIRMING = "I'm still confirming that with the calendar. Please ask me again in a moment."
NEEDED, NO_TIME, IMPOSSIBLE = "More information needed", "Not a possible time", "Not possible"


def data(action: str, **fields: object) -> Json:
    """``data`` of an answer of ``manage``: the nine documented fields, and ours."""
    return {
        "success": False,
        "message": "",
        "summary": "",
        "action": action,
        "appointment_id": "",
        "date_time": "",
        "agent_name": "Dr. Rivera",
        "action_required": "",
        "available_slots": [],
        "status": "",
        "timezone": "Europe/London",
        **fields,
    }


def told(action: str, sentence: str, message: str, summary: str, **fields: object) -> Json:
    """A success of ``manage``."""
    known = data(action, success=True, message=message, summary=summary, **fields)
    return {"success": True, "message": sentence, "data": known}


def booked(uid: str, sentence: str, when: str, **fields: object) -> Json:
    """A booking that stands."""
    named = {"appointment_id": uid, "date_time": when, "status": "accepted"}
    return told("book", sentence, "Booked successfully", "Appointment confirmed", **{**named, **fields})


def requested(uid: str, sentence: str, when: str, action: str = "book", **fields: object) -> Json:
    """A booking that its host must still confirm."""
    named = {"appointment_id": uid, "date_time": when, "status": "pending"}
    return told(action, sentence, "Appointment requested", "Appointment requested", **{**named, **fields})


def moved(uid: str, sentence: str, when: str, **fields: object) -> Json:
    """A booking at its new time."""
    named = {"appointment_id": uid, "date_time": when, "status": "accepted"}
    return told("reschedule", sentence, "Rescheduled successfully", "Rescheduled", **{**named, **fields})


def cancelled(uid: str, sentence: str, when: str, **fields: object) -> Json:
    """A booking that is no more."""
    named = {"appointment_id": uid, "date_time": when, "status": "cancelled"}
    return told("cancel", sentence, "Cancelled successfully", "Cancelled", **{**named, **fields})


def offered(action: str, sentence: str, *days: Json, **fields: object) -> Json:
    """Open times."""
    return told(action, sentence, "Available times", "Available times", available_slots=list(days), **fields)


def not_done(action: str, code: str, sentence: str, summary: str, **fields: object) -> Json:
    """An outcome of ``manage`` that is not what was wanted."""
    known = data(action, message=summary, summary=summary, **fields)
    return _refused(code, sentence, known)


def stopped(action: str, code: str, sentence: str, action_required: str = "") -> Json:
    """What ``manage`` answers to a request that did not get as far as the calendar, or was stopped by it."""
    known = data(action, message=sentence, summary=IMPOSSIBLE, action_required=action_required)
    return _refused(code, sentence, {**known, "agent_name": "", "timezone": ""})


def asked(action: str, sentence: str, action_required: str, *questions: Json) -> Json:
    """A question to the caller. ``questions``: those of the event type that are still open."""
    body = not_done(action, "INVALID_REQUEST", sentence, NEEDED, action_required=action_required)
    body["error"]["details"]["questions"] = list(questions)
    return body


def question(slug: str, label: str, kind: str = "text", *options: str) -> Json:
    """An open question of an event type."""
    return {"slug": slug, "label": label, "type": kind, "options": list(options)}


def taken(action: str, sentence: str, when: str, *days: Json, **fields: object) -> Json:
    """A time that is not to be had, with others that are."""
    known = {"date_time": when, "action_required": "reschedule", "available_slots": list(days), **fields}
    return not_done(action, "SLOT_UNAVAILABLE", sentence, "Time not available", **known)


def unconfirmed(action: str, when: str, **fields: object) -> Json:
    """Nobody knows yet."""
    known = {"date_time": when, "action_required": "verify", **fields}
    summary = "Not confirmed yet"
    return {
        "success": False,
        "message": STILL_CONFIRMING,
        "data": data(action, message=summary, summary=summary, **known),
    }


def day(date: str, label: str, *times: str) -> Json:
    """A day of open times, each written as ``"9:00 AM 09:00"``: how it is shown, and when that is by UTC."""
    shown = [time.rpartition(" ") for time in times]
    return {
        "date": date,
        "date_label": label,
        "slots": [local for local, _, _ in shown],
        "start_times": [f"{date}T{utc}:00Z" for _, _, utc in shown],
    }


def error(code: str, message: str) -> Json:
    """An error of the Ravan dialect; without a code for a refusal by authentication."""
    return {"success": False, "message": message, **({"code": code} if code else {})}


def problem(status: int, message: str, phrase: str) -> Json:
    """An error of the Toolzz dialect."""
    return {"statusCode": status, "message": message, "error": phrase}


def _refused(code: str, sentence: str, known: Json) -> Json:
    names = ("summary", "action", "action_required", "agent_name", "available_slots")
    details = {**{name: known[name] for name in names}, "questions": []}
    return {
        "success": False,
        "message": sentence,
        "code": code,
        "error": {"code": code, "message": sentence, "details": details},
        "data": known,
    }
