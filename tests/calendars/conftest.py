"""Time zones come from the ``tzdata`` package alone, here as in the program."""

from __future__ import annotations

import zoneinfo

import pytest


@pytest.fixture(autouse=True, scope="session")
def tzdata_alone() -> None:
    zoneinfo.reset_tzpath([])
    zoneinfo.ZoneInfo.clear_cache()
