"""What a dashboard's spec is made of: datasets, charts, filters, rows.

A spec says what is meant ("this KPI as a headline"); this module knows how Superset 6.1 wants it said. A chart names
KPIs that dbt's manifest declares, never SQL. To add a dashboard, write `dashboards/spec/<name>.py` from these pieces,
list it in `dashboards/spec/__init__.py`, and run `python -m dashboards.generate`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID, uuid5

from dashboards.roles import Role
from dashboards.theme import CATEGORICAL, SEQUENTIAL

NAMESPACE = UUID("5d9f1c1e-7d52-5a0c-9a3b-0c7a1d1f2b6e")
"""Uuids are derived from names below this one, so that an asset keeps its own for as long as it keeps its name."""

NO_TIME_FILTER = "No filter"
WEEK_EARLIER = "on a week ago / 较上周"
TREND_COLOUR = {"r": 47, "g": 111, "b": 159, "a": 1}


def uuid_of(kind: str, name: str) -> str:
    """The uuid of an asset; the same on every machine."""
    return str(uuid5(NAMESPACE, f"{kind}/{name}"))


# ---- datasets


@dataclass(frozen=True)
class Derived:
    """A column or a metric that a dataset adds to its mart: an SQL expression with a bilingual label."""

    name: str
    label: str
    expression: str
    number_format: str = ""
    description: str = ""


@dataclass(frozen=True)
class Dataset:
    """A mart as Superset sees it: all its columns, a metric per KPI, and what is derived from them for display.

    `labels` replaces the labels of columns and KPIs that are too long to stand above a table's column. `differences`
    are what one KPI is above another, name → (KPI, KPI taken from it), in percentage points between shares; `per_cent`
    are shares that are also wanted times 100, for cells too narrow for a sign.
    """

    mart: str
    time_column: str | None = None
    database: str = "operations"
    labels: dict[str, str] = field(default_factory=dict)
    columns: tuple[Derived, ...] = ()
    metrics: tuple[Derived, ...] = ()
    differences: dict[str, tuple[str, str]] = field(default_factory=dict)
    per_cent: tuple[str, ...] = ()

    @property
    def uuid(self) -> str:
        return uuid_of("dataset", f"{self.database}/{self.mart}")


# ---- charts


def _equals(column: str, value: str | bool) -> dict[str, Any]:
    """Superset's filter for rows with a value, or for those of which a column is true."""
    simple = {"clause": "WHERE", "expressionType": "SIMPLE", "subject": column}
    return simple | ({"operator": "IS TRUE"} if value is True else {"comparator": value, "operator": "=="})


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart of a dashboard. `columns` and `metrics` are what it reads of its dataset, checked when generated."""

    viz_type: ClassVar[str]

    title: str
    dataset: Dataset
    description: str = ""
    where: dict[str, str | bool] = field(default_factory=dict)
    """Column → the value that it has in every row that the chart looks at; True asks for a column that is true."""

    @property
    def metric_names(self) -> tuple[str, ...]:
        return ()

    @property
    def column_names(self) -> tuple[str, ...]:
        return ()

    def params(self, formats: dict[str, str]) -> dict[str, Any]:
        """Superset's parameters. `formats`: number format of each metric of the dataset, by its unit."""
        raise NotImplementedError

    def filters(self) -> list[dict[str, Any]]:
        """That which a dashboard's period takes hold of, none where rows belong to no day; and those of `where`."""
        return [*self._time_filter(), *(_equals(column, value) for column, value in self.where.items())]

    def _time_filter(self) -> list[dict[str, Any]]:
        if self.dataset.time_column is None:
            return []
        return [
            {
                "clause": "WHERE",
                "comparator": NO_TIME_FILTER,
                "expressionType": "SIMPLE",
                "operator": "TEMPORAL_RANGE",
                "subject": self.dataset.time_column,
            }
        ]


@dataclass(frozen=True, kw_only=True)
class Headline(Chart):
    """One KPI as a large number: that of the last day in the period, with the trend below it.

    Below the number stands its `unit`, or if `compared` the change from a week earlier in per cent: not for shares,
    where that would be a per cent of per cents.
    """

    viz_type = "big_number"

    kpi: str
    unit: str = ""
    compared: bool = False
    trend_line: bool = True
    number_format: str | None = None
    grain: str = "P1D"
    time_column: str | None = None
    """What stands for the dataset's time column, of a dataset that no period narrows."""

    @property
    def metric_names(self) -> tuple[str, ...]:
        return (self.kpi,)

    @property
    def column_names(self) -> tuple[str, ...]:
        return (self.time_column,) if self.time_column else ()

    def params(self, formats: dict[str, str]) -> dict[str, Any]:
        below = {"compare_lag": 7, "compare_suffix": WEEK_EARLIER} if self.compared else {"subtitle": self.unit}
        return below | {
            "adhoc_filters": self.filters(),
            "aggregation": "LAST_VALUE",
            "color_picker": TREND_COLOUR,
            "header_font_size": 0.5,
            "metric": self.kpi,
            "rolling_type": "None",
            "show_timestamp": False,
            "show_trend_line": self.trend_line,
            "start_y_axis_at_zero": False,
            "subheader_font_size": 0.15,
            "subtitle_font_size": 0.15,
            "time_format": "%Y-%m-%d",
            "time_grain_sqla": self.grain,
            "x_axis": self.time_column or self.dataset.time_column,
            "y_axis_format": self.number_format or formats[self.kpi],
        }


@dataclass(frozen=True, kw_only=True)
class OverTime(Chart):
    """KPIs by day (or another grain) as lines, or as stacked bars.

    Superset puts the largest of them first; `by_label` in the order of their labels, from the bottom of a stack.
    """

    kpis: tuple[str, ...]
    axis_title: str
    stacked: bool = False
    by_label: bool = False
    grain: str = "P1D"
    number_format: str | None = None
    from_zero: bool = True
    time_column: str | None = None
    """What stands for the dataset's time column, of a dataset that no period narrows."""
    top: float | None = None

    @property
    def viz_type(self) -> str:  # type: ignore[override]  # one spec, two of Superset's kinds
        return "echarts_timeseries_bar" if self.stacked else "echarts_timeseries_line"

    @property
    def metric_names(self) -> tuple[str, ...]:
        return self.kpis

    def params(self, formats: dict[str, str]) -> dict[str, Any]:
        number_format = self.number_format or formats[self.kpis[0]]
        order = {"sort_series_ascending": True, "sort_series_type": "name"} if self.by_label else {}
        return order | {
            "adhoc_filters": self.filters(),
            "color_scheme": CATEGORICAL["id"],
            "groupby": [],
            "legendOrientation": "top",
            "legendType": "plain",
            "markerEnabled": not self.stacked,
            "markerSize": 5,
            "metrics": list(self.kpis),
            "minorTicks": False,
            "only_total": True,
            "order_desc": True,
            "rich_tooltip": True,
            "row_limit": 10_000,
            "seriesType": "line",
            "show_legend": True,
            "stack": "Stack" if self.stacked else None,
            "time_grain_sqla": self.grain,
            "tooltipTimeFormat": "%Y-%m-%d %a",
            "truncateYAxis": not self.from_zero or self.top is not None,
            "truncate_metric": True,
            "x_axis": self.time_column or self.dataset.time_column,
            "x_axis_time_format": "%Y-%m" if self.grain == "P1M" else "%m-%d",
            "x_axis_title_margin": 0,
            "y_axis_bounds": [0 if self.from_zero else None, self.top],
            "y_axis_format": number_format,
            "y_axis_title": self.axis_title,
            "y_axis_title_margin": 55,
            "y_axis_title_position": "Left",
            "zoomable": False,
        }


@dataclass(frozen=True, kw_only=True)
class TwoAxes(Chart):
    """KPIs by day as bars, with one KPI of another unit as a line on an axis of its own to the right."""

    viz_type = "mixed_timeseries"

    kpis: tuple[str, ...]
    axis_title: str
    line: str
    line_title: str
    number_format: str | None = None
    line_format: str | None = None

    @property
    def metric_names(self) -> tuple[str, ...]:
        return (*self.kpis, self.line)

    def params(self, formats: dict[str, str]) -> dict[str, Any]:
        def queried(suffix: str, kpis: list[str]) -> dict[str, Any]:
            return {
                f"adhoc_filters{suffix}": self.filters(),
                f"groupby{suffix}": [],
                f"metrics{suffix}": kpis,
                f"order_desc{suffix}": True,
                f"row_limit{suffix}": 10_000,
                f"truncate_metric{suffix}": True,
            }

        return (
            queried("", list(self.kpis))
            | queried("_b", [self.line])
            | {
                "color_scheme": CATEGORICAL["id"],
                "legendOrientation": "top",
                "legendType": "plain",
                "markerEnabledB": True,
                "markerSizeB": 5,
                "rich_tooltip": True,
                "seriesType": "bar",
                "seriesTypeB": "line",
                "show_legend": True,
                "time_grain_sqla": "P1D",
                "tooltipTimeFormat": "%Y-%m-%d %a",
                "truncateYAxis": True,
                "x_axis": self.dataset.time_column,
                "x_axis_time_format": "%m-%d",
                "x_axis_title_margin": 0,
                "yAxisIndex": 0,
                "yAxisIndexB": 1,
                "yAxisTitleSecondary": self.line_title,
                "y_axis_bounds": [0, None],
                "y_axis_bounds_secondary": [None, None],
                "y_axis_format": self.number_format or formats[self.kpis[0]],
                "y_axis_format_secondary": self.line_format or formats[self.line],
                "y_axis_title": self.axis_title,
                "y_axis_title_margin": 55,
                "y_axis_title_position": "Left",
                "zoomable": False,
            }
        )


@dataclass(frozen=True, kw_only=True)
class Bars(Chart):
    """One KPI per value of a column, as bars in the order of another metric."""

    viz_type = "echarts_timeseries_bar"

    kpi: str
    by: str
    order_by: str
    axis_title: str
    by_title: str
    number_format: str | None = None

    @property
    def metric_names(self) -> tuple[str, ...]:
        return (self.kpi, self.order_by)

    @property
    def column_names(self) -> tuple[str, ...]:
        return (self.by,)

    def params(self, formats: dict[str, str]) -> dict[str, Any]:
        return {
            "adhoc_filters": self.filters(),
            "color_scheme": CATEGORICAL["id"],
            "groupby": [],
            "metrics": [self.kpi],
            "only_total": True,
            "orientation": "vertical",
            "rich_tooltip": True,
            "row_limit": 1_000,
            "show_legend": False,
            "show_value": True,
            # Superset fetches a metric that it only sorts by when both fields name it.
            "timeseries_limit_metric": self.order_by,
            "truncate_metric": True,
            "xAxisForceCategorical": True,
            "xAxisLabelInterval": "0",
            "x_axis": self.by,
            "x_axis_sort": self.order_by,
            "x_axis_sort_asc": True,
            "x_axis_title": self.by_title,
            "x_axis_title_margin": 30,
            "y_axis_bounds": [0, None],
            "y_axis_format": self.number_format or formats[self.kpi],
            "y_axis_title": self.axis_title,
            "y_axis_title_margin": 55,
            "y_axis_title_position": "Left",
            "zoomable": False,
        }


@dataclass(frozen=True, kw_only=True)
class Profile(Chart):
    """KPIs per value of a column as lines, in the order of its values: the course of a day, say.

    `top` is where the axis ends.
    """

    viz_type = "echarts_timeseries_line"

    kpis: tuple[str, ...]
    by: str
    axis_title: str
    by_title: str
    number_format: str | None = None
    top: float | None = None

    @property
    def metric_names(self) -> tuple[str, ...]:
        return self.kpis

    @property
    def column_names(self) -> tuple[str, ...]:
        return (self.by,)

    def params(self, formats: dict[str, str]) -> dict[str, Any]:
        return {
            "adhoc_filters": self.filters(),
            "color_scheme": CATEGORICAL["id"],
            "groupby": [],
            "legendOrientation": "top",
            "legendType": "plain",
            "markerEnabled": False,
            "metrics": list(self.kpis),
            "rich_tooltip": True,
            "row_limit": 1_000,
            "seriesType": "line",
            "show_legend": True,
            **({} if self.top is None else {"truncateYAxis": True}),
            "truncate_metric": True,
            "xAxisForceCategorical": True,
            "x_axis": self.by,
            "x_axis_sort": self.by,
            "x_axis_sort_asc": True,
            "x_axis_title": self.by_title,
            "x_axis_title_margin": 30,
            "y_axis_bounds": [0, self.top],
            "y_axis_format": self.number_format or formats[self.kpis[0]],
            "y_axis_title": self.axis_title,
            "y_axis_title_margin": 55,
            "y_axis_title_position": "Left",
            "zoomable": False,
        }


@dataclass(frozen=True, kw_only=True)
class HeatMap(Chart):
    """One KPI over two columns, coloured between `bounds` by the scheme of `dashboards.theme` or one of Superset's."""

    viz_type = "heatmap_v2"

    kpi: str
    x: str
    y: str
    bounds: tuple[float, float]
    number_format: str | None = None
    scheme: str = SEQUENTIAL["id"]
    label_every: int = 2
    """Of the values of `x`, how many from one that is written to the next."""
    y_upwards: bool = False
    """Whether the first value of `y` stands at the bottom, as quantities do, and not at the top."""

    @property
    def metric_names(self) -> tuple[str, ...]:
        return (self.kpi,)

    @property
    def column_names(self) -> tuple[str, ...]:
        return (self.x, self.y)

    def params(self, formats: dict[str, str]) -> dict[str, Any]:
        return {
            "adhoc_filters": self.filters(),
            "bottom_margin": "auto",
            "groupby": self.y,
            "left_margin": "10",
            "legend_type": "continuous",
            "linear_color_scheme": self.scheme,
            "metric": self.kpi,
            "normalize_across": "heatmap",
            "normalized": False,
            "row_limit": 10_000,
            "show_legend": True,
            "show_percentage": False,
            "show_values": True,
            "sort_x_axis": "alpha_asc",
            "sort_y_axis": "alpha_asc" if self.y_upwards else "alpha_desc",
            "value_bounds": [str(bound) for bound in self.bounds],
            "x_axis": self.x,
            "xscale_interval": self.label_every,
            "y_axis_format": self.number_format or formats[self.kpi],
            "yscale_interval": 1,
        }


LIMITS = {1: ("targetValue",), 2: ("targetValueLeft", "targetValueRight")}
"""What Superset calls the limits of a colour rule."""


@dataclass(frozen=True)
class Colour:
    """Colour a table's column where its value is `≥` a limit, `<` a limit, or between two (`≤ x <`)."""

    column: str
    operator: str
    limits: tuple[float, ...]
    colour: str


@dataclass(frozen=True, kw_only=True)
class Table(Chart):
    """KPIs per value of some columns, by `order_by` from the highest; no rows in which the column `only_with` is 0.

    Beside each KPI of `shares` stands its share of all rows together.
    """

    viz_type = "table"

    by: tuple[str, ...]
    kpis: tuple[str, ...]
    order_by: str
    only_with: str
    shares: tuple[str, ...] = ()
    colours: tuple[Colour, ...] = ()
    number_formats: dict[str, str] = field(default_factory=dict)
    page_length: int = 0
    time_format: str = "%Y-%m-%d"

    @property
    def metric_names(self) -> tuple[str, ...]:
        return (*self.kpis, self.order_by)

    @property
    def column_names(self) -> tuple[str, ...]:
        return (*self.by, self.only_with)

    def params(self, formats: dict[str, str]) -> dict[str, Any]:
        wanted = {kpi: self.number_formats.get(kpi, formats[kpi]) for kpi in self.kpis}
        return {
            "adhoc_filters": [
                *self.filters(),
                {
                    "clause": "WHERE",
                    "comparator": 0,
                    "expressionType": "SIMPLE",
                    "operator": ">",
                    "subject": self.only_with,
                },
            ],
            "all_columns": [],
            "allow_render_html": False,
            "color_pn": False,
            "column_config": {
                kpi: {"d3NumberFormat": number_format, "showCellBars": False, "horizontalAlign": "right"}
                for kpi, number_format in wanted.items()
                if number_format
            },
            "conditional_formatting": [
                {"colorScheme": rule.colour, "column": rule.column, "operator": rule.operator, "useGradient": False}
                | dict(zip(LIMITS[len(rule.limits)], rule.limits, strict=True))
                for rule in self.colours
            ],
            "groupby": list(self.by),
            "metrics": list(self.kpis),
            "order_desc": True,
            "page_length": self.page_length,
            "percent_metrics": list(self.shares),
            "query_mode": "aggregate",
            "row_limit": 1_000,
            "server_pagination": False,
            "show_cell_bars": False,
            "show_totals": False,
            "table_timestamp_format": self.time_format,
            "time_grain_sqla": "P1D",
            "timeseries_limit_metric": self.order_by,
        }


@dataclass(frozen=True, kw_only=True)
class Listing(Chart):
    """Rows of the mart as they are, at most `rows` of them; `only` holds for each.

    They come by `order_by` from the highest; a column of it that is also in `ascending` from the lowest.
    """

    viz_type = "table"

    columns: tuple[str, ...]
    order_by: tuple[str, ...]
    ascending: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    rows: int = 200
    page_length: int = 10
    time_format: str = "%Y-%m-%d"
    number_formats: dict[str, str] = field(default_factory=dict)

    @property
    def column_names(self) -> tuple[str, ...]:
        return (*self.columns, *self.order_by, *self.only)

    def params(self, formats: dict[str, str]) -> dict[str, Any]:
        return {
            "adhoc_filters": [
                *self.filters(),
                *(_equals(column, True) for column in self.only),
            ],
            "all_columns": list(self.columns),
            "allow_render_html": False,
            "color_pn": False,
            "column_config": {
                column: {"d3NumberFormat": number_format, "showCellBars": False}
                for column, number_format in self.number_formats.items()
            },
            "groupby": [],
            "metrics": [],
            "order_by_cols": [json.dumps([column, column in self.ascending]) for column in self.order_by],
            "page_length": self.page_length,
            "percent_metrics": [],
            "query_mode": "raw",
            "row_limit": self.rows,
            "server_pagination": False,
            "show_cell_bars": False,
            "table_timestamp_format": self.time_format,
        }


# ---- dashboards


@dataclass(frozen=True)
class Text:
    """Markdown. Marks like `{{last_day}}` are filled per request with what is true of the release (`ReleaseFacts`)."""

    name: str
    markdown: str


@dataclass(frozen=True)
class Cell:
    """A chart or a text with its width in twelfths of the page."""

    content: Chart | Text
    width: int


@dataclass(frozen=True)
class Row:
    """Cells side by side; `height` in Superset's units of 8 pixels."""

    height: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Choice:
    """A filter by the values of a column; it acts on every chart whose dataset has that column."""

    label: str
    column: str
    dataset: Dataset


@dataclass(frozen=True)
class Dashboard:
    """A page. `roles` see it, as does the administrator; `colours` go by KPI.

    `period` labels its filter by time; None where no chart has days that it could narrow. With `cross_filters`, a click
    on a table's cell narrows every chart whose dataset has that column.
    """

    slug: str
    title: str
    description: str
    roles: tuple[Role, ...]
    rows: tuple[Row, ...]
    period: str | None = "Period / 时段"
    choices: tuple[Choice, ...] = ()
    colours: dict[str, str] = field(default_factory=dict)
    cross_filters: bool = False

    @property
    def charts(self) -> tuple[Chart, ...]:
        return tuple(cell.content for row in self.rows for cell in row.cells if isinstance(cell.content, Chart))

    @property
    def datasets(self) -> tuple[Dataset, ...]:
        return tuple({chart.dataset.mart: chart.dataset for chart in self.charts}.values())
