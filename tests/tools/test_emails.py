"""E-mail addresses as they are spelled on the phone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calbridge.tools.emails import Certain, Doubtful, certain, read, repaired, say_email


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("jane@example.com", "jane@example.com"),
        ("JANE@EXAMPLE.COM", "jane@example.com"),
        (" <jane@example.com> ", "jane@example.com"),
        ("mailto:jane@example.com", "jane@example.com"),
        ("jane@example.com.", "jane@example.com"),
        ("jane at example dot com", "jane@example.com"),
        ("Jane at Example dot com", "jane@example.com"),
        ("jane @ example . com", "jane@example.com"),
        ("jane at sign example dot com", "jane@example.com"),
        ("j a n e at example dot com", "jane@example.com"),
        ("j, a, n, e, at example dot com", "jane@example.com"),
        ("j a n e at e x a m p l e dot c o m", "jane@example.com"),
        ("jane underscore doe at example dot com", "jane_doe@example.com"),
        ("jane under score doe at example dot com", "jane_doe@example.com"),
        ("j dash d at example dot com", "j-d@example.com"),
        ("jane hyphen doe at my hyphen clinic dot org", "jane-doe@my-clinic.org"),
        ("jane dot doe at example dot co dot uk", "jane.doe@example.co.uk"),
        ("j a n e plus x at example dot com", "jane+x@example.com"),
        ("m a double t at example dot org", "matt@example.org"),
        ("j one two at example dot com", "j12@example.com"),
        ("it's jane at example dot com", "jane@example.com"),
        ("my email address is jane at example dot com", "jane@example.com"),
        ("o'brien@example.com", "o'brien@example.com"),
    ],
)
def test_a_certain_repair_is_made(said: str, address: str) -> None:
    assert repaired(said) == Certain(address)


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("jane@example.com.com", "jane@example.com"),
        ("jane@example.com.example.com", "jane@example.com"),
        ("jane at gmail.com gmail.com", "jane@gmail.com"),
        ("jane at gmail dot com gmail dot com", "jane@gmail.com"),
        ("jane at gmail", "jane@gmail.com"),
        ("jane@gmail", "jane@gmail.com"),
        ("jane@gmail.con", "jane@gmail.com"),
        ("jane@gmial.com", "jane@gmail.com"),
        ("jane@hotmial.com", "jane@hotmail.com"),
        ("jane doe at example dot com", "janedoe@example.com"),
        ("look at me at example dot com", "lookatme@example.com"),
        ("jane at my clinic dot com", "jane@myclinic.com"),
        ("my name at example dot com", "name@example.com"),
        ("the smith at example dot com", "smith@example.com"),
        ("email jane at example dot com", "jane@example.com"),
        ("a plus tutoring at example dot com", "a+tutoring@example.com"),
        ("d o double u at example dot com", "dow@example.com"),
        ("double-u e b at example dot com", "web@example.com"),
        ("jane at double you e b dot org", "jane@web.org"),
        ("center point dental at example dot com", "center.dental@example.com"),
        ("jane dash doe at example dot com", "jane-doe@example.com"),
        ("jane at my dash clinic dot org", "jane@my-clinic.org"),
        ("one at example dot com", "1@example.com"),
        ("five guys at example dot com", "5guys@example.com"),
        ("cat signal at example dot com", "catsignal@example.com"),
        ("jane dot doe smith at example dot com", "jane.doesmith@example.com"),
        ("jane at example dot com not dot org", "jane@example.comnot.org"),
        ("jane at example dot com dot", "jane@example.com"),
    ],
)
def test_a_doubtful_one_is_to_be_read_back(said: str, address: str) -> None:
    assert read(said) == Doubtful(address)
    with pytest.raises(ValueError, match="complete email address"):
        certain(said)


@pytest.mark.parametrize(
    "said", ["", "jane", "jane at", "at example dot com", "jane@@example.com", "jane@example", "a@b c@d.com", "x" * 600]
)
def test_what_is_no_address_is_none(said: str) -> None:
    assert repaired(said) is None
    with pytest.raises(ValueError, match="complete email address"):
        read(said)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("jane@example.com", "jane at example dot com"),
        ("jane.doe_x-y+z@my-clinic.co.uk", "jane dot doe underscore x dash y plus z at my dash clinic dot co dot uk"),
    ],
)
def test_an_address_is_read_back_in_words(address: str, said: str) -> None:
    assert say_email(address) == said
    found = repaired(said)
    assert found is not None
    assert found.address == address


@pytest.mark.parametrize("text", ["jane@example.com", " JANE@example.com "])
def test_somebody_is_looked_up_by_an_address_that_was_valid_as_it_was_sent(text: str) -> None:
    assert certain(text) == "jane@example.com"


@pytest.mark.parametrize("text", ["jane at example dot com", "it's jane@example.com", "jane@example.com."])
def test_nobody_is_looked_up_by_a_repaired_one(text: str) -> None:
    assert isinstance(repaired(text), Certain)
    with pytest.raises(ValueError, match="complete email address"):
        certain(text)


WORD = st.from_regex(r"[a-z0-9]{1,10}", fullmatch=True)
LOCAL = st.lists(WORD, min_size=1, max_size=3).flatmap(
    lambda words: st.sampled_from("._+-").map(lambda s: s.join(words))
)
DOMAIN = st.tuples(
    st.from_regex(r"[a-z]{3,10}[0-9]{1,3}", fullmatch=True), st.sampled_from(["com", "org", "co.uk", "de"])
)


@given(local=LOCAL, domain=DOMAIN.map(".".join))
def test_a_valid_address_is_never_changed(local: str, domain: str) -> None:
    address = f"{local}@{domain}"
    assert repaired(address) == Certain(address)


@given(st.text(max_size=60))
def test_whatever_is_found_is_an_address(text: str) -> None:
    found = repaired(text)
    if found is not None:
        assert repaired(found.address) == Certain(found.address)
