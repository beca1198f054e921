"""Where everything that Hotline writes stands."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
"""The checkout: `dbt_project.yml`, `models/`, `seeds/` stand here."""

PRIVATE = 0o700
SHARED_WITH_GROUP = 0o750


@dataclass(frozen=True)
class Home:
    """The data folder. `Home.default()` is `HOTLINE_DATA`, or `data/` in the checkout."""

    root: Path

    @classmethod
    def default(cls) -> Home:
        return cls(Path(os.environ.get("HOTLINE_DATA") or PROJECT / "data").resolve())

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    @property
    def quarantine(self) -> Path:
        return self.root / "quarantine"

    @property
    def raw(self) -> Path:
        return self.root / "raw"

    @property
    def sources(self) -> Path:
        """Source descriptions of this installation, beside those that Hotline ships."""
        return self.root / "sources"

    @property
    def build(self) -> Path:
        return self.root / "build"

    @property
    def warehouse(self) -> Path:
        """The pipeline's own database: views over raw, control tables, staging and intermediate."""
        return self.build / "warehouse.duckdb"

    @property
    def operations(self) -> Path:
        return self.build / "operations.duckdb"

    @property
    def people(self) -> Path:
        return self.build / "people.duckdb"

    @property
    def releases(self) -> Path:
        return self.root / "releases"

    @property
    def current(self) -> Path:
        """The link that readers follow; replaced atomically, never edited."""
        return self.releases / "current"

    @property
    def waves(self) -> Path:
        """What was published of surveys, wave by wave: written once, read by every build after it."""
        return self.root / "waves"

    @property
    def superset(self) -> Path:
        return self.root / "superset"

    @property
    def dagster(self) -> Path:
        return self.root / "dagster"

    @property
    def data_docs(self) -> Path:
        return self.root / "data_docs"

    def create(self) -> Home:
        """Make the folders, each with the mode that its content asks for."""
        self.root.mkdir(parents=True, exist_ok=True)
        for folder in (self.landing, self.releases, self.data_docs):
            folder.mkdir(mode=SHARED_WITH_GROUP, exist_ok=True)
        for folder in (self.quarantine, self.raw, self.build, self.sources, self.superset, self.dagster, self.waves):
            folder.mkdir(mode=PRIVATE, exist_ok=True)
            folder.chmod(PRIVATE)
        return self
