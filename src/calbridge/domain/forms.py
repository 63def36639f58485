"""How answers find the questions they are meant for: voice agents name these as they were asked, or as Cal.com does."""

import unicodedata
from collections.abc import Iterable, Mapping

from calbridge.domain.appointments import Question


def answers_to(questions: Iterable[Question], given: Mapping[str, str]) -> dict[str, str]:
    """Return the answers by the slugs of their questions. What answers none is left out, whoever sent it.

    An answer is given by the slug or the label of its question; case, blanks and punctuation do not matter.
    """
    asked = tuple(questions)
    found = {question.slug: given[question.slug] for question in asked if question.slug in given}
    rest = {folded(name): answer for name, answer in given.items() if name not in found}
    for question in asked:
        for name in (folded(question.slug), folded(question.label)):
            if name and name in rest and question.slug not in found:
                found[question.slug] = rest.pop(name)
    return found


def chosen_of(options: Iterable[str], answer: str) -> str:
    """Return the option that an answer means, or the answer as it is; case, blanks and punctuation do not matter."""
    meant = folded(answer)
    return next((option for option in options if meant and folded(option) == meant), answer)


def folded(text: str) -> str:
    """Reduce a text to its letters and digits, in one case."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))
