"""E-mail addresses as they are spelled on the phone -> addresses, and back.

An address that is one already is left as it is. What is certain is repaired: the words for the signs ("at", "dot",
"underscore"), letters spelled one by one, blanks that no address has, "it's" before it. What had to be thought of is
doubtful: a domain that was said twice or has lost its dot, a slip in the name of a well-known provider, "at" or a sign
that may as well be part of a name ("plus", "one"), other words before it ("my", "the"), "double u", which is w or uu.
That is read back to the caller, and never used unasked: a confirmation to a stranger's address tells them of
somebody's appointment.
"""

import re
import unicodedata
from dataclasses import dataclass

from calbridge.tools import understand

MAX_ADDRESS = 254

_SIGNS = {
    "dot": ".",
    "period": ".",
    "point": ".",
    "underscore": "_",
    "dash": "-",
    "hyphen": "-",
    "minus": "-",
    "plus": "+",
    "apostrophe": "'",
}
_NAMES_OF_SIGNS = {"@": "at", ".": "dot", "_": "underscore", "-": "dash", "+": "plus", "'": "apostrophe"}
_TWO_WORDS = tuple(
    (re.compile(rf"\b{two}\b"), one)
    for two, one in (("under score", "underscore"), ("at sign", "@"), ("full stop", "dot"))
)
_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_DIGITS = {word: str(digit) for digit, word in enumerate(_NUMBERS)}
_PARTS_OF_NAMES = frozenset({"period", "point", "dash", "minus", "plus", *_NUMBERS})
# "double t", and the words around an address
_DOUBLE_U = re.compile(r"\bdouble[ -]?(?:u|you)\b")  # a letter's name to most, and two letters to some
_DOUBLED = re.compile(r"\bdouble ([a-z0-9])\b")
_PREAMBLE = re.compile(
    r"^(?:(?:it'?s|it is|that'?s|that is|is|my|the|sure|yes|yeah|so|um+|uh+|address|email|e-mail|mail)[ :,]+)+"
)
_SAID_AS_SUCH = re.compile(r"(?:\be-?mail (?:address )?is|\bit'?s|\bit is)[ :,]+$")  # the address begins behind it
_PROVIDERS = (
    *("gmail.com", "googlemail.com", "yahoo.com", "hotmail.com", "outlook.com", "icloud.com", "live.com", "aol.com"),
    *("proton.me", "protonmail.com", "gmx.de", "web.de", "me.com", "msn.com"),
)
_NAMES = {provider.partition(".")[0]: provider for provider in _PROVIDERS if provider.count(".") == 1}
_SLIPS = {
    **dict.fromkeys(("gmail.con", "gmial.com", "gmai.com", "gmal.com", "g.mail.com"), "gmail.com"),
    **dict.fromkeys(("hotmail.con", "hotmial.com", "hotmai.com", "hotmal.com"), "hotmail.com"),
    **dict.fromkeys(("yahoo.con", "yaho.com", "yahooo.com"), "yahoo.com"),
    **dict.fromkeys(("outlook.con", "outlok.com"), "outlook.com"),
    **dict.fromkeys(("icloud.con", "iclod.com", "i.cloud.com"), "icloud.com"),
}


@dataclass(frozen=True, slots=True)
class Certain:
    """The address that was meant."""

    address: str


@dataclass(frozen=True, slots=True)
class Doubtful:
    """An address that was probably meant: to be read back."""

    address: str


def repaired(text: str) -> Certain | Doubtful | None:
    """Make an address of what was said; None if that is none. A valid one is never changed but for its case."""
    given = unicodedata.normalize("NFKC", text).strip().strip("<>\"'").strip()
    if (address := _valid(given)) is not None:
        return _judged(address, certain=True)
    if len(given) > 2 * MAX_ADDRESS or (given.count("@") > 1 and " " not in given):
        return None
    said = given.lower().removeprefix("mailto:").rstrip(".,;!?")
    preamble = match[0] if (match := _PREAMBLE.match(said)) else ""
    certain = not preamble or _SAID_AS_SUCH.search(preamble) is not None
    written, unequivocal = _with_signs(said.removeprefix(preamble))
    local, at, domain = written.partition("@")
    if not at:
        return None
    domain, sure = _domain(domain)
    local, plain = _joined(local)
    address = _valid(f"{local}@{domain}")
    return None if address is None else _judged(address, certain=certain and unequivocal and sure and plain)


def read(text: str) -> str | Doubtful:
    """Read an address. Raises ValueError."""
    match repaired(text):
        case Certain(address):
            return address
        case Doubtful() as doubtful:
            return doubtful
        case None:
            raise ValueError("must be a complete email address")


def certain(text: str) -> str:
    """Read an address that somebody is looked up by: only one that is valid as it was sent. Raises ValueError."""
    understand.email(text)
    found = read(text)
    if isinstance(found, Doubtful):
        raise ValueError("must be a complete email address")  # noqa: TRY004 - it is the text that is wrong
    return found


def say_email(address: str) -> str:
    """Read an address back: "jane dot doe at example dot com"."""
    return " ".join(_spoken(part) for part in re.findall(r"[^\W_]+|[\W_]", address))


def _spoken(part: str) -> str:
    return part if part.isalnum() else _NAMES_OF_SIGNS.get(part) or unicodedata.name(part, "sign").lower()


def _judged(address: str, *, certain: bool) -> Certain | Doubtful:
    """Doubt an address whose domain is a slip of the tongue away from one that everybody has."""
    local, _, domain = address.rpartition("@")
    if domain in _SLIPS:
        return Doubtful(f"{local}@{_SLIPS[domain]}")
    if (single := _undoubled(domain)) != domain:
        return Doubtful(f"{local}@{single}")
    return Certain(address) if certain else Doubtful(address)


def _valid(text: str) -> str | None:
    try:
        return understand.email(text)
    except ValueError:
        return None


def _with_signs(said: str) -> tuple[str, bool]:
    """Write signs for their words; whether there was but one way to do it."""
    text, either = _DOUBLE_U.subn("w", said.replace(",", " "))
    text = _DOUBLED.sub(r"\1 \1", text)
    for two, one in _TWO_WORDS:
        text = two.sub(one, text)
    words = text.split()
    certain = not either
    if not any("@" in word for word in words):
        places = [index for index, word in enumerate(words) if word == "at"]
        if not places:
            return "", False
        words[places[-1]] = "@"
        certain = certain and len(places) == 1
    halves = " ".join(words).split("@")
    certain = certain and all(_are_signs(half.split()) for half in halves)
    return " ".join(_SIGNS.get(word, _DIGITS.get(word, word)) for word in words), certain


def _are_signs(words: list[str]) -> bool:
    """Whether what may be a part of a name is none: where all that it stands among is spelled."""
    others = [word for word in words if word not in _PARTS_OF_NAMES and word not in _SIGNS]
    return _PARTS_OF_NAMES.isdisjoint(words) or (others != [] and all(len(word) == 1 for word in others))


def _domain(said: str) -> tuple[str, bool]:
    """Join a domain, drop what was said twice, and give a well-known one its ending."""
    parts = re.sub(r"\s*\.\s*", ".", said.strip()).split()
    halves = len(parts) // 2
    sure = True
    if len(parts) > 1 and parts[:halves] == parts[halves:]:  # "gmail.com gmail.com"
        parts, sure = parts[:halves], False
    joined = re.sub(r"\s*([_-])\s*", r"\1", " ".join(parts))
    domain = joined.replace(" ", "").strip(".")
    if not _is_spelled(joined) or len(domain) < len(joined.replace(" ", "")):
        sure = False
    if domain in _NAMES:
        return _NAMES[domain], False
    return domain, sure


def _undoubled(domain: str) -> str:
    """Drop an ending that follows on itself: example.com.com."""
    labels = domain.split(".")
    while len(labels) > 2 and labels[-1] == labels[-2] and labels[-1] in {"com", "net", "org", "de"}:  # noqa: PLR2004
        labels.pop()
    halves = len(labels) // 2
    if len(labels) >= 4 and len(labels) % 2 == 0 and labels[:halves] == labels[halves:]:  # noqa: PLR2004 - a.com.a.com
        labels = labels[:halves]
    return ".".join(labels)


def _joined(said: str) -> tuple[str, bool]:
    """Join the part before the @: letters one by one are certain, whole words beside each other are not."""
    text = re.sub(r"\s*([._+-])\s*", r"\1", said.strip())
    return "".join(text.split()), _is_spelled(text)


def _is_spelled(text: str) -> bool:
    """Whether nothing is joined between signs but single letters and digits."""
    pieces = [piece.split() for piece in re.split(r"[._+-]", text)]
    return all(len(words) <= 1 or all(len(word) == 1 or word.isdigit() for word in words) for words in pieces)
