"""A package that is not executed before it has to be, and then is what it would have been."""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from calbridge.storage.put_off import put_off

HEAVY = "nest.heavy"


@pytest.fixture(autouse=True)
def nest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package in another one: its module ``light`` asks for ``beside``, and the package itself for ``light``."""
    package = tmp_path / "nest" / "heavy"
    package.mkdir(parents=True)
    (tmp_path / "nest" / "__init__.py").touch()
    (package / "__init__.py").write_text("from .light import feather\nstone = feather + 'stone'\n")
    (package / "light.py").write_text("from . import beside\nfeather = beside.name\n")
    (package / "beside.py").write_text("name = 'feather'\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "nest"]:
        del sys.modules[name]


def test_its_modules_are_imported_without_it() -> None:
    put_off(HEAVY)

    assert import_module("nest.heavy.light").feather == "feather"
    assert "stone" not in vars(sys.modules[HEAVY])


def test_whoever_asks_for_a_name_of_its_own_gets_it() -> None:
    put_off(HEAVY)
    light = import_module("nest.heavy.light")
    heavy = import_module("nest").heavy

    assert heavy.stone == "featherstone"
    assert heavy.light is light


def test_a_name_that_it_does_not_have_is_none() -> None:
    put_off(HEAVY)
    heavy = import_module(HEAVY)

    with pytest.raises(AttributeError, match=r"nest\.heavy"):
        _ = heavy.rock
    with pytest.raises(AttributeError, match=r"nest\.heavy"):
        _ = heavy.rock


def test_what_was_imported_before_stays() -> None:
    heavy = import_module(HEAVY)

    put_off(HEAVY)

    assert import_module(HEAVY) is heavy


def test_there_has_to_be_such_a_package() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"nest\.missing"):
        put_off("nest.missing")
