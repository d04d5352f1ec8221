"""Fixtures for the simulated providers: their world, and the providers' own specifications to hold them to."""

import importlib.util
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.outside import Outside, opened


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Outside]:
    with opened(tmp_path) as world:
        yield world


@pytest.fixture
def manual(tmp_path: Path) -> Iterator[Outside]:
    """The phone rings until somebody acts."""
    with opened(tmp_path, simulator={"phone": "manual"}) as world:
        yield world


@pytest.fixture(scope="session")
def spec(provider_facts: Path) -> Callable[[str], Any]:
    """A provider's specification with the checks of the validating mock."""
    found = importlib.util.spec_from_file_location("specmock", provider_facts / "specmock.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    kept: dict[str, Any] = {}

    def of(name: str) -> Any:
        if name not in kept:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ResourceWarning)  # the mock leaves the file to the garbage collector
                kept[name] = module.Spec(str(provider_facts / "specs" / f"{name}.json"))
        return kept[name]

    return of
