"""The thresholds: `settings.yml`, with single values overridden by the installation."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import yaml

from expectations.outcome import CheckError
from hotline.home import Home

SHIPPED = Path(__file__).with_name("settings.yml")
FREE_FORM = {"holiday_country"}  # names of sources, which nobody can know here


def load(home: Home | None = None) -> dict[str, dict[str, Any]]:
    """The settings as `section -> name -> value`.

    Raises CheckError when `data/expectations.yml` is no YAML, names an unknown setting or gives no number.
    """
    settings = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    own = home.root / "expectations.yml" if home else None
    if own is None or not own.exists():
        return settings
    try:
        overrides = yaml.safe_load(own.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CheckError(f"{own}: cannot be read as YAML: {error}") from error
    if not isinstance(overrides, dict):
        raise CheckError(f"{own}: expected sections such as 'volume:', found {type(overrides).__name__}")
    for section, values in overrides.items():
        _require_known(own, section, settings)
        if not isinstance(values, dict):
            raise CheckError(f"{own}: section {section!r} must hold settings, found {values!r}")
        for name, value in values.items():
            if section not in FREE_FORM:
                _require_known(own, f"{section}.{name}", {f"{section}.{known}" for known in settings[section]})
                _require_alike(own, f"{section}.{name}", settings[section][name], value)
            settings[section][name] = value
    return settings


def _require_known(file: Path, name: str, known: Any) -> None:
    if name not in known:
        near = difflib.get_close_matches(str(name), list(known), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(sorted(known))}"
        raise CheckError(f"{file}: unknown setting {name!r}{hint}")


def _require_alike(file: Path, name: str, shipped: Any, value: Any) -> None:
    """A number for a number, a pair of numbers for a pair."""
    numbers = value if isinstance(value, list) else [value]
    if isinstance(shipped, list) != isinstance(value, list) or any(
        isinstance(number, bool) or not isinstance(number, int | float) for number in numbers
    ):
        raise CheckError(f"{file}: {name} must be like {shipped}, found {value!r}")
    if isinstance(value, list) and (len(value) != 2 or value[0] > value[1]):
        raise CheckError(f"{file}: {name} must be the lowest and the highest value, found {value!r}")
