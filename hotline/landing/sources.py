"""Source descriptions: how the files of one system look, and how their columns map to the landing contract.

A source is one YAML file. Those that Hotline ships stand in `hotline/landing/sources/`, those of an installation in
`data/sources/`; one of the latter with the same name takes the place of the shipped one.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import jsonschema
import yaml

from hotline.home import Home

HERE = Path(__file__).resolve().parent
TYPES = ("VARCHAR", "INTEGER", "BIGINT", "DOUBLE", "BOOLEAN", "DATE", "MONTH", "TIME", "TIMESTAMPTZ")
RESERVED = ("filename", "file_row_number")
MADE_OF_ITEMS = ("item_id", "answer")
"""Columns that a wide file tells by its header and its cells."""
LOADER_VERSION = 1
"""Part of every entity's fingerprint: raise it when the same file would be read to other rows."""

NAME = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,60}$"}
TEXT = {"type": "string", "minLength": 1, "pattern": "^[^\\x00-\\x08\\x0a-\\x1f]*$"}
VALUE = {"type": ["string", "integer", "boolean", "null"]}
COLUMN = {
    "type": "object",
    "additionalProperties": False,
    "required": ["type"],
    "properties": {
        "from": TEXT,
        "type": {"type": "string", "pattern": "^(" + "|".join(TYPES) + r"|DECIMAL\([0-9]{1,2},[0-9]{1,2}\))$"},
        "required": {"type": "boolean"},
        "not_before": NAME,
        "allowed": {"type": "array", "items": TEXT, "minItems": 1},
        "values": {"type": "object", "additionalProperties": VALUE},
    },
}
CONTRACT_SCHEMA = {
    "type": "object",
    "propertyNames": NAME,
    "additionalProperties": {
        "type": "object",
        "additionalProperties": False,
        "required": ["row", "columns"],
        "properties": {
            "row": TEXT,
            "window": NAME,
            "personal": {"type": "boolean"},
            "lasts": {"type": "boolean"},
            "plans_ahead": {"type": "boolean"},
            "columns": {"type": "object", "propertyNames": NAME, "minProperties": 1, "additionalProperties": COLUMN},
        },
    },
}
FORMAT_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "type": {"enum": ["csv", "jsonl", "parquet", "excel"]},
        "delimiter": {"type": "string", "minLength": 1, "maxLength": 1},
        "quote": {"type": "string", "maxLength": 1},
        "encoding": {"enum": ["utf-8", "utf-16", "gb18030", "gbk"]},
        "empty": {"type": "array", "items": {"type": "string"}},
        "date": TEXT,
        "timestamp": TEXT,
        "sheet": TEXT,
        "header_row": {"type": "integer", "minimum": 1},
        "header_rows": {"type": "integer", "minimum": 1, "maximum": 9},
    },
}
SOURCE_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "time_zone", "root", "entities"],
    "properties": {
        "name": NAME,
        "label": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"en": TEXT, "zh": TEXT},
        },
        "time_zone": TEXT,
        "cadence_hours": {"type": "number", "exclusiveMinimum": 0},
        "closed": {"type": "boolean"},
        "root": TEXT,
        "format": FORMAT_SCHEMA,
        "entities": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": NAME,
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "required": ["files", "replaces"],
                "properties": {
                    "files": {"type": "array", "items": TEXT, "minItems": 1},
                    "format": FORMAT_SCHEMA,
                    "columns": {"type": "object", "propertyNames": NAME, "additionalProperties": TEXT},
                    "constants": {"type": "object", "propertyNames": NAME, "additionalProperties": VALUE},
                    "items": {
                        "oneOf": [
                            {"type": "array", "items": TEXT, "minItems": 1},
                            {"type": "object", "propertyNames": TEXT, "additionalProperties": TEXT, "minProperties": 1},
                        ]
                    },
                    "values": {
                        "type": "object",
                        "propertyNames": NAME,
                        "additionalProperties": {
                            "type": "object",
                            "additionalProperties": VALUE,
                        },
                    },
                    "own_columns": {
                        "type": "object",
                        "propertyNames": NAME,
                        "minProperties": 1,
                        "additionalProperties": COLUMN,
                    },
                    "key": {"type": "array", "items": NAME, "minItems": 1},
                    "replaces": {"enum": ["days", "keys", "nothing"]},
                    "window": NAME,
                    "personal": {"type": "boolean"},
                    "lasts": {"type": "boolean"},
                    "plans_ahead": {"type": "boolean"},
                    "max_days": {"type": "integer", "minimum": 1},
                },
            },
        },
    },
}


class SourceError(ValueError):
    """A source description or the contract that can't be used; the message names file, place and reason."""


@dataclass(frozen=True)
class Column:
    """One column of an entity: where it comes from and what it may hold."""

    name: str
    type: str
    required: bool = False
    allowed: tuple[str, ...] = ()
    header: str = ""
    """Name in the file's header; empty when the file never has it."""
    constant: str | None = None
    values: tuple[tuple[str, str | None], ...] = ()
    """Value map, from the file's text to the contract's."""
    has_pattern: bool = False
    """Its times are local and written in the source's own way."""
    not_before: str = ""
    """The column of the same row that it must not come before."""

    @property
    def is_made_from_text(self) -> bool:
        """Whether its value is worked out from the file's text after the reader."""
        return bool(self.values) or self.type == "MONTH"

    @property
    def read_type(self) -> str:
        """The type that the reader gives it. Its patterns don't apply to times with a zone: those it reads without."""
        return "VARCHAR" if self.is_made_from_text else "TIMESTAMP" if self.has_pattern else self.type

    @property
    def stored_type(self) -> str:
        return "DATE" if self.type == "MONTH" else self.type


@dataclass(frozen=True)
class Format:
    """How the text of a file is written."""

    type: str = "csv"
    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"
    empty: tuple[str, ...] = ("",)
    date: str = ""
    timestamp: str = ""
    sheet: str = ""
    """Of a workbook: the sheet; the first visible one where it has no name here."""
    header_row: int = 1
    """Of a workbook: the first row of the headings."""
    header_rows: int = 1
    """Of a workbook: how many rows the headings take."""


@dataclass(frozen=True)
class Entity:
    """One kind of rows that a source delivers."""

    source: str
    name: str
    columns: tuple[Column, ...]
    files: tuple[str, ...]
    replaces: str
    key: tuple[str, ...] = ()
    window: str = ""
    personal: bool = False
    lasts: bool = False
    plans_ahead: bool = False
    max_days: int = 400
    format: Format = field(default_factory=Format)
    time_zone: str = "UTC"
    items: tuple[tuple[str, str], ...] = ()
    """Of a wide file with a column per item: item and its header's pattern; an item without a name has the header's."""

    @functools.cached_property
    def fingerprint(self) -> str:
        """Changes with everything that decides how a file becomes rows, and with nothing else."""
        facts = asdict(self) | {"files": None, "max_days": None, "loader": LOADER_VERSION}
        del facts["lasts"], facts["plans_ahead"]
        # What only some sources say leaves the fingerprints of all others as they are, and their files loaded.
        for name, usual in {"sheet": "", "header_row": 1, "header_rows": 1}.items():
            if facts["format"][name] == usual:
                del facts["format"][name]
        for column in facts["columns"]:
            if not column["not_before"]:
                del column["not_before"]
        if not self.items:
            del facts["items"]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    @property
    def owns_days(self) -> bool:
        """A file stands for whole days: the days can be read, and made again, one by one."""
        return self.replaces == "days"

    @property
    def window_column(self) -> Column | None:
        return self.column(self.window) if self.window else None


@dataclass(frozen=True)
class Source:
    """One system that delivers files."""

    name: str
    time_zone: str
    root: str
    entities: tuple[Entity, ...]
    cadence_hours: float | None = None
    closed: bool = False
    label_en: str = ""
    label_zh: str = ""

    def entity(self, name: str) -> Entity:
        return next(entity for entity in self.entities if entity.name == name)


@dataclass(frozen=True)
class Window:
    """Local days, both included."""

    first: date
    last: date

    def days(self) -> Iterator[date]:
        for offset in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=offset)

    def __str__(self) -> str:
        return f"{self.first}" if self.first == self.last else f"{self.first} to {self.last}"


class _PlainLoader(yaml.SafeLoader):
    """YAML without its surprises: `NO`, `0123`, `12:30` and `2025-01-01` stay text, a repeated key is an error."""


_PlainLoader.yaml_implicit_resolvers = {}
_PlainLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_PlainLoader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^(?:0|[1-9][0-9]{0,8})$"), list("0123456789"))
_PlainLoader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""])


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[str, object]:
    mapping: dict[str, object] = {}
    for key_node, value_node in node.value:
        # A key is text whatever it looks like: `1: answered` maps the text 1.
        if not isinstance(key_node, yaml.ScalarNode):
            raise yaml.constructor.ConstructorError(None, None, "a key must be plain text", key_node.start_mark)
        if key_node.value in mapping:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {key_node.value!r} stands here twice", key_node.start_mark
            )
        mapping[key_node.value] = loader.construct_object(value_node, deep=True)
    return mapping


_PlainLoader.add_constructor("tag:yaml.org,2002:map", _mapping)


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SourceError(f"{path}: not UTF-8 ({error})") from error


def read_yaml(path: Path, text: str, schema: dict) -> dict:
    """The content of a YAML file that keeps `schema`; `path` is for messages.

    Raises `SourceError` naming the file, the place in it and what is wrong.
    """
    try:
        content = yaml.load(text, Loader=_PlainLoader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise SourceError(f"{path}: not readable as YAML: {' '.join(str(error).split())}") from error
    problems = sorted(
        jsonschema.Draft202012Validator(schema).iter_errors(content), key=lambda problem: problem.json_path
    )
    if problems:
        lines = [
            f"{path}: {'.'.join(map(str, problem.absolute_path)) or 'file'}: {problem.message}" for problem in problems
        ]
        raise SourceError("\n".join(lines))
    return content


def _as_text(value: str | int | bool | None) -> str | None:
    """A value of the description as the text that it stands for."""
    return str(value).lower() if isinstance(value, bool) else None if value is None else str(value)


def _value_map(described: dict[str, str | int | bool | None]) -> tuple[tuple[str, str | None], ...]:
    return tuple((text, _as_text(value)) for text, value in described.items())


def _columns(described: dict[str, dict]) -> tuple[Column, ...]:
    return tuple(
        Column(
            name=name,
            type=column["type"],
            required=column.get("required", False),
            allowed=tuple(column.get("allowed", ())),
            header=column.get("from", name),
            values=_value_map(column.get("values", {})),
            not_before=column.get("not_before", ""),
        )
        for name, column in described.items()
    )


@functools.lru_cache(maxsize=1)
def contract() -> dict[str, Entity]:
    """The landing contract: entity name to its columns, window column and whether it is personal."""
    path = HERE / "contract.yml"
    return {
        name: Entity(
            source="",
            name=name,
            columns=_columns(entity["columns"]),
            files=(),
            replaces="nothing",
            window=entity.get("window", ""),
            personal=entity.get("personal", False),
            lasts=entity.get("lasts", False),
            plans_ahead=entity.get("plans_ahead", False),
        )
        for name, entity in read_yaml(path, _text_of(path), CONTRACT_SCHEMA).items()
    }


def _contract_columns(where: str, name: str, described: dict) -> tuple[Column, ...]:
    """The contract's columns, each with the place in this source's files that it comes from."""
    columns = contract()[name].columns
    known = {column.name for column in columns}
    for part in ("columns", "values", "constants"):
        for column_name in described.get(part, {}):
            if column_name not in known:
                raise SourceError(f"{where}.{part}: {column_name!r} is not a column of the contract's {name}")
    headers, constants, values = (described.get(part) for part in ("columns", "constants", "values"))
    mapped = []
    for column in columns:
        # No map at all means that the file speaks the contract; a map names every column that the file has.
        header = column.name if headers is None else headers.get(column.name, "")
        constant = _as_text((constants or {}).get(column.name))
        if constant is not None and header and headers is not None:
            raise SourceError(f"{where}.constants: {column.name!r} is mapped under columns as well")
        is_told_otherwise = (column.name in MADE_OF_ITEMS and "items" in described) or (
            column.name == "wave" and any("{wave}" in pattern for pattern in described["files"])
        )
        if column.required and not header and constant is None and not is_told_otherwise:
            raise SourceError(f"{where}.columns: the contract requires {column.name!r}, and nothing is mapped to it")
        mapped.append(
            Column(
                name=column.name,
                type=column.type,
                required=column.required,
                allowed=column.allowed,
                header="" if constant is not None else header,
                constant=constant,
                values=_value_map((values or {}).get(column.name, {})),
                not_before=column.not_before,
            )
        )
    return tuple(mapped)


def _items(where: str, columns: tuple[Column, ...], described: dict) -> tuple[tuple[str, str], ...]:
    """Item and pattern of its header, of a wide file."""
    if not {column.name for column in columns} >= set(MADE_OF_ITEMS):
        raise SourceError(f"{where}.items: only answers of surveys come as one column per item")
    for name in MADE_OF_ITEMS:
        if name in described.get("columns", {}) or name in described.get("constants", {}):
            raise SourceError(f"{where}.items: {name!r} is made of them, and is mapped as well")
    items = described["items"]
    if isinstance(items, dict):
        return tuple(items.items())
    return tuple(("", pattern) for pattern in items)


def _entity(path: Path, source: dict, name: str, described: dict) -> Entity:
    where = f"{path}: entities.{name}"
    model = contract().get(name)
    if model is None and "own_columns" not in described:
        raise SourceError(f"{where}: not an entity of the landing contract, and it declares no own_columns")
    if model is not None and "own_columns" in described:
        raise SourceError(f"{where}.own_columns: {name} belongs to the landing contract; map to it with columns")
    if model is None:
        for part in ("columns", "values", "constants"):
            if part in described:
                raise SourceError(f"{where}.{part}: an entity of its own says this under own_columns")
        columns = _columns(described["own_columns"])
    else:
        if "window" in described:
            raise SourceError(f"{where}.window: the contract says it ({model.window or 'none'})")
        columns = _contract_columns(where, name, described)
    items = _items(where, columns, described) if "items" in described else ()
    if items:
        columns = tuple(replace(column, header="") if column.name in MADE_OF_ITEMS else column for column in columns)
    _check_headers(where, columns)
    for column in columns:
        _check_constant(where, column)
        for value in dict(column.values).values():
            if column.allowed and value is not None and value not in column.allowed:
                raise SourceError(
                    f"{where}.values.{column.name}: {value!r} is not one of the allowed {', '.join(column.allowed)}"
                )
        if column.values and column.type not in ("VARCHAR", "BOOLEAN", "INTEGER"):
            raise SourceError(f"{where}.values.{column.name}: only text, whole numbers and truth values can be mapped")
    names = {column.name for column in columns}
    key = tuple(described.get("key", ()))
    window = described.get("window", "") if model is None else model.window
    for column_name in (*key, *([window] if window else [])):
        if column_name not in names:
            raise SourceError(f"{where}: {column_name!r} is named as key or window but is not a column")
    for column in columns:
        if column.not_before and column.not_before not in names:
            raise SourceError(f"{where}: {column.name} is not to come before {column.not_before!r}, which is no column")
    if described["replaces"] == "keys" and not key:
        raise SourceError(f"{where}: replaces: keys needs a key")
    if described["replaces"] == "days" and not window:
        raise SourceError(f"{where}: replaces: days needs a window column")
    form = _format(f"{where}.format", {**source.get("format", {}), **described.get("format", {})})
    if form.timestamp:
        columns = tuple(replace(column, has_pattern=column.type == "TIMESTAMPTZ") for column in columns)
    entity = Entity(
        source=source["name"],
        name=name,
        columns=columns,
        files=tuple(described["files"]),
        replaces=described["replaces"],
        key=key,
        window=window,
        personal=described.get("personal", model.personal if model else False),
        lasts=described.get("lasts", model.lasts if model else False),
        plans_ahead=described.get("plans_ahead", model.plans_ahead if model else False),
        max_days=described.get("max_days", 400),
        format=form,
        time_zone=source["time_zone"],
        items=items,
    )
    if window:
        column = entity.column(window)
        if column.type not in ("DATE", "MONTH", "TIMESTAMPTZ"):
            raise SourceError(f"{where}.window: {window!r} is {column.type}, not a date or time")
        if described["replaces"] == "days" and not column.required:
            raise SourceError(f"{where}.window: {window!r} must be required when a file replaces days")
    for pattern in entity.files:
        try:
            pattern_regex(pattern)
        except ValueError as error:
            raise SourceError(f"{where}.files: {error}") from error
    return entity


def _check_constant(where: str, column: Column) -> None:
    if column.constant is None:
        return
    place = f"{where}.constants.{column.name}: {column.constant!r}"
    if column.allowed and column.constant not in column.allowed:
        raise SourceError(f"{place} is not one of the allowed {', '.join(column.allowed)}")
    with duckdb.connect() as connection:
        if connection.execute(f"SELECT TRY_CAST($1 AS {column.stored_type})", [column.constant]).fetchone() == (None,):
            raise SourceError(f"{place} is not a valid {column.stored_type}")


def _check_headers(where: str, columns: tuple[Column, ...]) -> None:
    """Refuse names that a raw file can't have, and two columns that would read one column of the file differently."""
    readings: dict[str, tuple[str, str]] = {}
    for column in columns:
        if column.name in RESERVED:
            raise SourceError(f"{where}: a column can't be called {column.name!r}: raw views use the name")
        if column.header:
            other, reading = readings.setdefault(column.header, (column.name, column.read_type))
            if reading != column.read_type:
                raise SourceError(
                    f"{where}: {other} and {column.name} both come from {column.header!r}, one as {reading}, the other"
                    f" as {column.read_type}"
                )


def _format(where: str, settings: dict) -> Format:
    """How a file is written; raises `SourceError` for what no reader could keep apart."""
    form = Format(**_frozen(settings))
    if not form.delimiter.isascii() or form.delimiter.isalnum() or form.delimiter in " \r\n\\":
        raise SourceError(f"{where}.delimiter: {form.delimiter!r} can't divide columns")
    if (
        form.quote == form.delimiter
        or not form.quote.isascii()
        or form.quote.isalnum()
        or form.quote in ("\r", "\n", " ")
    ):
        raise SourceError(f"{where}.quote: {form.quote!r} can't be the quote")
    for text in form.empty:
        if (
            form.delimiter in text
            or (form.quote and form.quote in text)
            or any(mark in text for mark in "\r\n\x1e\x1f")
        ):
            raise SourceError(f"{where}.empty: {text!r} holds a mark that divides or quotes columns")
    if "%z" in form.timestamp.lower():
        raise SourceError(f"{where}.timestamp: a pattern is for local times; ISO times with an offset need none")
    for name, pattern in (("date", form.date), ("timestamp", form.timestamp)):
        if pattern:
            try:
                with duckdb.connect() as connection:
                    connection.execute(
                        "SELECT strptime(strftime(TIMESTAMP '2025-03-01', $1), $1)", [pattern]
                    ).fetchone()
            except duckdb.Error as error:
                raise SourceError(f"{where}.{name}: {pattern!r} is not a pattern of a date ({error})") from error
    return form


def _frozen(settings: dict) -> dict:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()}


def read_source(path: Path) -> Source:
    """Read and check one source description.

    Raises `SourceError` naming the file, the place in it and what is wrong.
    """
    return _source(path, _text_of(path))


@functools.lru_cache(maxsize=64)
def _source(path: Path, text: str) -> Source:
    """As `read_source`; the text is given so that a file that did not change is not parsed and checked again."""
    content = read_yaml(path, text, SOURCE_SCHEMA)
    try:
        ZoneInfo(content["time_zone"])
    except (KeyError, ValueError, OSError) as error:
        raise SourceError(f"{path}: time_zone: {content['time_zone']!r} is not a known time zone") from error
    root = Path(content["root"])
    if root.is_absolute() or ".." in root.parts:
        raise SourceError(f"{path}: root: {content['root']!r} must be a folder inside the landing folder")
    return Source(
        name=content["name"],
        time_zone=content["time_zone"],
        root=content["root"],
        entities=tuple(_entity(path, content, name, described) for name, described in content["entities"].items()),
        cadence_hours=content.get("cadence_hours"),
        closed=content.get("closed", False),
        label_en=content.get("label", {}).get("en", content["name"]),
        label_zh=content.get("label", {}).get("zh", content["name"]),
    )


def load_sources(home: Home) -> dict[str, Source]:
    """All sources of an installation by name; its own descriptions take the place of shipped ones.

    Raises `SourceError` when a description can't be used or two disagree.
    """
    sources: dict[str, Source] = {}
    for folder in (HERE / "sources", home.sources):
        found: dict[str, Path] = {}
        for path in sorted(folder.glob("*.yml")) + sorted(folder.glob("*.yaml")):
            source = read_source(path)
            if source.name in found:
                raise SourceError(f"{path}: name: {source.name!r} is also the name of {found[source.name]}")
            found[source.name] = path
            sources[source.name] = source
    shapes: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {}
    for source in sources.values():
        for entity in source.entities:
            shape = tuple((column.name, column.stored_type) for column in entity.columns)
            owner, known = shapes.setdefault(entity.name, (source.name, shape))
            if known != shape:
                raise SourceError(f"sources {owner} and {source.name} declare different columns for {entity.name}")
    return sources


@functools.lru_cache(maxsize=256)
def pattern_regex(pattern: str) -> re.Pattern[str]:
    """A file pattern as a regular expression over the path below the source's root.

    `*` and `?` stay within one folder, `**` crosses folders; `{date}` is 2025-01-31 or 20250131, `{month}` 2025-01 or
    202501, `{wave}` the name of a survey's wave. Raises `ValueError` for a pattern that can't be meant.
    """
    parts = {
        "**": ".*",
        "*": "[^/]*",
        "?": "[^/]",
        "{date}": r"(?<![0-9])(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8})(?![0-9])",
        "{month}": r"(?<![0-9])(?P<month>[0-9]{4}-[0-9]{2}|[0-9]{6})(?![0-9]|-[0-9])",
        "{wave}": r"(?P<wave>[^/]+?)",
    }
    if pattern.startswith("/") or ".." in pattern.split("/"):
        raise ValueError(f"{pattern!r} leads out of the source's folder")
    if pattern.count("{date}") + pattern.count("{month}") > 1:
        raise ValueError(f"{pattern!r} has more than one date")
    if pattern.count("{wave}") > 1:
        raise ValueError(f"{pattern!r} has more than one wave")
    tokens = re.split(r"(\*\*|\*|\?|\{[^}]*\})", pattern)
    for token in tokens:
        if token.startswith("{") and token not in parts:
            raise ValueError(f"{pattern!r}: {token} is neither {{date}} nor {{month}} nor {{wave}}")
    return re.compile("".join(parts.get(token, re.escape(token)) for token in tokens) + r"\Z", re.DOTALL)


def claim(entity: Entity, relative: str) -> tuple[bool, Window | None]:
    """Whether `entity` claims the file, and the days that the file's name says it covers."""
    for pattern in entity.files:
        match = pattern_regex(pattern).match(relative)
        if not match:
            continue
        groups = match.groupdict()
        digits = (groups.get("date") or groups.get("month") or "").replace("-", "")
        if not digits:
            return True, None
        try:
            first = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8] or 1))
        except ValueError:
            continue  # 20251399 is a number, not a date: another pattern may claim the file
        if groups.get("month"):
            following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
            return True, Window(first, following - timedelta(days=1))
        return True, Window(first, first)
    return False, None
