"""What all tests share: a data folder of their own, and the real input where it is there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hotline.home import PROJECT, Home

REAL_DATA = Path(os.environ.get("HOTLINE_REAL_DATA") or PROJECT.parent / "shared" / "data")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where tests run side by side, a file stays together for its fixtures, and all of the browser's for its server."""
    browser = PROJECT / "tests" / "browser"
    for item in items:
        group = "browser" if browser in item.path.parents else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))


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
