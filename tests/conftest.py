"""What all tests share: a data folder of their own, and the real input where it is there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from hotline.home import PROJECT, Home

REAL_DATA = Path(os.environ.get("HOTLINE_REAL_DATA") or PROJECT.parent / "shared" / "data")


TOGETHER = {
    "browser": ("tests/browser/",),
    "line": ("tests/line/",),
    "simulation": ("tests/simulation/",),
    "built": (
        *(f"tests/models/test_{name}.py" for name in ("agent_timeline", "bank", "explain", "kpis", "project", "risk")),
        *("tests/models/test_tickets.py", "tests/planning/test_staffing.py"),
    ),
}
"""Files whose tests share what is dear to make: a server, a release, built marts. All others stay together by file."""


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Where tests run side by side, those that share a fixture run on one worker.

    A scheduler of our own, since pytest-xdist 3.8 marks groups by a name that pytest 9.2 no longer reads.
    """

    class TogetherScheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.split("::", 1)[0]
            return next((name for name, starts in TOGETHER.items() if file.startswith(starts)), file)

    return TogetherScheduling(config, log)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An empty data folder, also the default one of every command that the test starts."""
    monkeypatch.setenv("HOTLINE_DATA", str(tmp_path / "data"))
    return Home.default().create()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real input. The tests that need it say plainly when it is absent."""
    if not REAL_DATA.is_dir():
        pytest.skip(f"no real input at {REAL_DATA}; name its folder in HOTLINE_REAL_DATA")
    return REAL_DATA
