"""Numbers in words -> digits: "the twenty-first at three oh five" -> "the 21th at 3:05"; whatever else stays."""

import re
import unicodedata

from calbridge.tools.clock_words import MARK

_UNITS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = ("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_NTH = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_TEENTH = (
    *("eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth"),
    "nineteenth",
)
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50}

_NUMBERS = (
    {word: str(number) for number, word in enumerate((*_UNITS, "ten", *_TEENS), 1)}
    | {word: f"{number}th" for number, word in enumerate((*_NTH, "tenth", *_TEENTH), 1)}
    | {word: str(number) for word, number in _TENS.items()}
    | {"twentieth": "20th", "thirtieth": "30th"}
    | {f"{ten} {unit}": str(tens + number) for ten, tens in _TENS.items() for number, unit in enumerate(_UNITS, 1)}
    | {f"{ten} {nth}": f"{tens + number}th" for ten, tens in _TENS.items() for number, nth in enumerate(_NTH, 1)}
)
_WORDS = re.compile(rf"\b(?:{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})\b")
_HYPHENED = re.compile(r"\b(twenty|thirty|forty|fifty)-(?=[a-z])")
_OH = re.compile(r"\b(1[0-2]|[1-9]) (?:oh|o) ([1-9])\b")
_MERIDIEM = re.compile(r"(?<![a-z])([ap])\.? ?m\b\.?")
_APART = re.compile(r"(?<=\d)[,;] ?(?=\d{1,2}\b)")  # "10, 11" is no 10:11; but the year of "March 5, 2026" is its own
_COMMA = re.compile(r"[,;] ?")
_MEANINGLESS = str.maketrans(dict.fromkeys('!?"()', " ") | {"\u2019": "'"})


def in_digits(text: str) -> str:
    """Write a text in small letters and digits, without the signs that mean nothing in a time."""
    plain = unicodedata.normalize("NFKC", text).lower().translate(_MEANINGLESS)
    plain = _HYPHENED.sub(r"\1 ", _MERIDIEM.sub(r"\1m", " ".join(plain.split())))
    numbered = _COMMA.sub(" ", _APART.sub(MARK, _WORDS.sub(lambda match: _NUMBERS[match[0]], plain)))
    return _OH.sub(r"\1:0\2", " ".join(numbered.split())).rstrip(". ")
