"""The line around the checks, for all tests of this folder."""

from __future__ import annotations

import pytest
from hand_filled_line import Line

from hotline.home import Home


@pytest.fixture
def line(home: Home) -> Line:
    return Line(home)
