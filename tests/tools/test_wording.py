"""Foreign text made fit for the ear."""

import pytest

from calbridge.tools.wording import capped, cut, label, listed, name, prose


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Dr. Rivera", "Dr. Rivera"),
        ("  Dr.\t\nRivera ", "Dr. Rivera"),
        ("**Dr.** _Rivera_ `x` [y](z)", "Dr. Rivera x y z"),
        ("O\u2019Brien\u2013Smith & S\u00f6hne", "O'Brien-Smith and S\u00f6hne"),
        ("\u738b\u5c0f\u660e", "\u738b\u5c0f\u660e"),
        ("\uff21\uff2e\uff2e", "ANN"),
        ("R\u202eive\u200bra", "Rivera"),
        ("ann@example.com", "ann at example com"),
        ("https://example.com/x?y=1", "example com x y 1"),
        ("Clinic 2026-03-25T10:00:00Z", "Clinic"),
        ("Clinic 20\u200b26-03-25", "Clinic"),
        ("Clinic 20260325T1000Z", "Clinic"),
        ("Jean -- Luc", "Jean Luc"),
        ("\U0001f642 .", ""),
        ("", ""),
        ("Anna " * 40, "Anna Anna Anna Anna Anna Anna Anna Anna Anna Anna Anna Anna"),
        ("x" * 400, "x" * 60),
    ],
)
def test_names(text: str, spoken: str) -> None:
    assert name(text) == spoken


def test_labels_end_without_punctuation() -> None:
    assert [label(text) for text in ("Company *", "Why?", "Size (m\u00b2):", "...")] == [
        "Company",
        "Why",
        "Size m2",
        "",
    ]


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("It is shut", "It is shut."),
        ("Is it shut?", "Is it shut?"),
        ("At 10:30, or 2,000 times; +1 212.", "At 10:30, or 2,000 times; +1 212."),
        ("a/b.c:d", "a b c d."),
        ("must be a time, such as 2026-03-25T14:00:00Z", "must be a time."),
        ("***", ""),
    ],
)
def test_prose(text: str, spoken: str) -> None:
    assert prose(text) == spoken


def test_long_speech_is_cut_between_words() -> None:
    assert cut("one two", 7) == "one two"
    assert cut("one two", 6) == "one"
    assert capped("word " * 60) == "word " * 60
    assert capped("word, " * 60) == "word, " * 49 + "word."


def test_lists() -> None:
    assert [listed(words, "or") for words in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a or b", "a, b or c"]
