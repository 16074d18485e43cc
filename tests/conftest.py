"""Options of the tests: `--slow` also runs those that take minutes.

Properties are tested with more examples by `--slow`, and where the environment says `CI=true`.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

pytest.register_assert_rewrite("tests.cli", "tests.properties")  # also what helpers assert
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command does, before NumPy reads it


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--slow`."""
    parser.addoption("--slow", action="store_true", help="also run the tests marked slow, which take minutes")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, and how many examples a property gets: the first of a run is slow."""
    config.addinivalue_line(
        "markers", "slow: takes long, or repeats what a smaller case covers; runs with --slow only"
    )
    thorough = config.getoption("--slow") or os.environ.get("CI") == "true"
    settings.register_profile("xent", deadline=None, max_examples=40 if thorough else 12)
    settings.load_profile("xent")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what is slow unless it is asked for."""
    if config.getoption("--slow"):
        return
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.skip(reason="slow: --slow runs it"))
