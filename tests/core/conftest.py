"""What tests of the kernel share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from xentcli.core import kernel


@pytest.fixture(params=kernel.available)
def level(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each level of SIMD of this machine in turn."""
    before = kernel.level
    kernel.use(request.param)
    yield request.param
    kernel.use(before)
