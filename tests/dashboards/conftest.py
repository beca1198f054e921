"""dbt's manifest of the project, parsed once: it says what the dashboards may name."""

from __future__ import annotations

from typing import Any

import pytest

from hotline.building import manifest
from hotline.home import Home


@pytest.fixture(scope="session")
def dbt_manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return manifest(Home(tmp_path_factory.mktemp("parsed")).create())
