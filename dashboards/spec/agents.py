"""Agents and teams: the page for those who lead agents, from a number down to the contacts behind it."""

from dashboards.assets import Cell, Choice, Colour, Dashboard, Headline, Listing, OverTime, Row, Table, Text
from dashboards.roles import ANALYST, EXECUTIVE, HR
from dashboards.spec.datasets import AGENT_DAYS, AGENT_VISITS, BUSY_AGENTS, TIMELINE, WARNING_KINDS, WARNINGS
from dashboards.spec.service_level import FRESHNESS
from dashboards.theme import AMBER, BLUE, GREEN, GREY, PALE_AMBER, PALE_GREEN, PALE_RED, RED, SKY

DEFINITIONS = Text(
    "definitions",
    """\
**Large numbers / 大数字** are those of the last day in the period; below them the gap to that day's target.
为所选时段最后一天的数值；下方为与当日目标之差。

**Occupancy / 占用率** = handling ÷ (handling + ready), by the clock. 处理 ÷ (处理 + 空闲)。
**Utilisation / 利用率** = handling, training, coaching ÷ paid time. 处理、培训、辅导 ÷ 计薪时间。
**Adherence / 排班遵守率** = planned time in the planned state ÷ planned time. 处于计划状态的计划时间 ÷ 计划时间。

**Contacts per hour / 每小时接听** = answered visits ÷ signed-in hours. 接听 ÷ 签入小时。
**Away compliance / 离席合格率** = duties within every away rule (minutes, times, meals, sign-ins) ÷ duties; a night
shift is one, of the day on which it began. 符合全部离席规则的班次 ÷ 班次；夜班算一班，计入开始之日。

**Early warnings / 预警**: above mean + 3 robust deviations of the business type or of the day's agents, or above the
rule in force; of each kind and day, those furthest above the limit first.
高于均值加 3 倍稳健标准差，或高于现行规则；每类每日按超出上限的倍数排列。
What does not fit the soft phone's log (answered outside it, dialled late, no second dialling) is a hint, not proof.
与软电话日志不符者（日志外接听、拖延拨号、未二次拨打）仅为线索，并非证据。

**To the contacts / 查看接触**: a click on an agent or a team narrows the page; the last two tables hold the times away
and the contacts, first those that stand out: over-long, transferred, held for long, rated low.
点击坐席或班组即可筛选本页；最后两表为离席等时段与对应接触，值得注意者在前。
""",
)

HEADLINES = (
    ("Occupancy / 占用率", "occupancy", "occupancy_against_target", "points / 百分点"),
    ("Utilisation / 利用率", "utilisation", "utilisation_against_target", "points / 百分点"),
    ("Adherence / 遵守率", "adherence", "adherence_against_target", "points / 百分点"),
    ("Per hour / 每小时接听", "contacts_per_hour", "contacts_per_hour_against_target", "an hour / 每小时"),
    (
        "Handling / 处理时长",
        "average_handle_time_milliseconds",
        "average_handle_time_against_target",
        "seconds / 秒",
    ),
    ("Away rules / 离席合格", "away_compliance", "away_compliance_against_target", "points / 百分点"),
)

STATES = (
    "talking_share",
    "wrapping_up_share",
    "ringing_share",
    "outbound_share",
    "ready_share",
    "training_share",
    "meal_share",
    "away_share",
)

WARNING_COUNTS = (*(f"warnings_{kind}" for kind in WARNING_KINDS), "warnings")


def against(column: str, amber_from: float) -> tuple[Colour, ...]:
    """Green at or above target, amber down to `amber_from` below it, red beyond."""
    return (
        Colour(column, "≥", (0,), PALE_GREEN),
        Colour(column, "≤ x <", (amber_from, 0), PALE_AMBER),
        Colour(column, "<", (amber_from,), PALE_RED),
    )


AGENTS = Dashboard(
    slug="agents",
    title="Agents and teams / 坐席与班组",
    description="How do agents spend their time, and what comes of it? 坐席的时间如何使用？成效如何？",
    roles=(EXECUTIVE, ANALYST, HR),
    cross_filters=True,
    choices=(
        Choice("Team / 班组", "team", AGENT_DAYS),
        Choice("Experience / 资历", "experience", AGENT_DAYS),
        Choice("Source / 来源", "source", AGENT_DAYS),
        Choice("Warning / 预警", "warning_label", WARNINGS),
        Choice("Contacts that stand out / 值得注意的接触", "marks_label", AGENT_VISITS),
    ),
    colours={
        "talking_share": BLUE,
        "wrapping_up_share": SKY,
        "ringing_share": "#6b5b95",
        "outbound_share": "#457b9d",
        "ready_share": GREEN,
        "training_share": "#88b04b",
        "meal_share": GREY,
        "away_share": AMBER,
        "contacts_per_hour": BLUE,
        "contacts_per_hour_target": GREY,
        "adherence": BLUE,
        "occupancy": GREEN,
        "away_compliance": RED,
    },
    rows=(
        Row(6, (Cell(FRESHNESS, 12),)),
        Row(20, tuple(Cell(Headline(title=title, dataset=AGENT_DAYS, kpi=kpi), 2) for title, kpi, _, _ in HEADLINES)),
        Row(
            16,
            tuple(
                Cell(
                    Headline(
                        title=f"{title.replace(' / ', ' gap / ')}差",
                        dataset=AGENT_DAYS,
                        kpi=difference,
                        unit=unit,
                        trend_line=False,
                    ),
                    2,
                )
                for title, _, difference, unit in HEADLINES
            ),
        ),
        Row(
            46,
            (
                Cell(
                    OverTime(
                        title="Where signed-in time goes / 签入时间的去向",
                        dataset=AGENT_DAYS,
                        kpis=STATES,
                        axis_title="Share of signed-in time / 占签入时间",
                        stacked=True,
                        number_format=".0%",
                        top=1,
                    ),
                    7,
                ),
                Cell(
                    OverTime(
                        title="Adherence, occupancy and away compliance / 遵守率、占用率与离席合格率",
                        dataset=AGENT_DAYS,
                        kpis=("adherence", "occupancy", "away_compliance"),
                        axis_title="Share / 比例",
                        number_format=".0%",
                        from_zero=False,
                    ),
                    5,
                ),
            ),
        ),
        Row(
            40,
            (
                Cell(
                    Table(
                        title="Teams against target / 各班组对照目标",
                        dataset=AGENT_DAYS,
                        by=("team",),
                        kpis=(
                            "signed_in_agents",
                            "answered",
                            "occupancy",
                            "utilisation",
                            "adherence",
                            "adherence_against_target",
                            "contacts_per_hour",
                            "average_handle_time_milliseconds",
                            "average_handle_time_against_target",
                            "away_compliance",
                            "away_compliance_against_target",
                            "satisfaction_share",
                        ),
                        order_by="signed_in_agents",
                        only_with="agent_days",
                        page_length=20,
                        colours=(
                            *against("adherence_against_target", -5),
                            *against("away_compliance_against_target", -10),
                            Colour("average_handle_time_against_target", "<", (0,), PALE_GREEN),
                            Colour("average_handle_time_against_target", "≤ x <", (0, 20), PALE_AMBER),
                            Colour("average_handle_time_against_target", "≥", (20,), PALE_RED),
                        ),
                    ),
                    12,
                ),
            ),
        ),
        Row(
            40,
            (
                Cell(
                    Table(
                        title="Teams: time away, plan and log / 各班组的离席、计划与日志",
                        dataset=AGENT_DAYS,
                        by=("team",),
                        kpis=(
                            "aways_per_day",
                            "away_time_per_day_milliseconds",
                            "sign_ins_per_day",
                            "conformance",
                            "training_share",
                            "overlong_wrap_up_share",
                            "busy_agent_share",
                            "unknown_activity_share",
                            "inferred_end_share",
                            "repeated_events",
                            "events_set_right",
                        ),
                        order_by="signed_in_agents",
                        only_with="agent_days",
                        page_length=20,
                    ),
                    12,
                ),
            ),
        ),
        Row(
            40,
            (
                Cell(
                    Table(
                        title="Teams by month / 各班组按月",
                        dataset=AGENT_DAYS,
                        by=("month", "team"),
                        kpis=(
                            "answered",
                            "occupancy",
                            "utilisation",
                            "adherence",
                            "contacts_per_hour",
                            "average_handle_time_milliseconds",
                            "away_compliance",
                            "satisfaction_share",
                        ),
                        order_by="latest_day",
                        only_with="agent_days",
                        page_length=20,
                    ),
                    12,
                ),
            ),
        ),
        Row(
            34,
            (
                Cell(
                    Table(
                        title="All by week / 按周合计",
                        dataset=AGENT_DAYS,
                        by=("week",),
                        kpis=("adherence", "occupancy", "contacts_per_hour", "away_compliance"),
                        order_by="latest_day",
                        only_with="agent_days",
                        page_length=10,
                    ),
                    6,
                ),
                Cell(
                    Table(
                        title="Share of people above 20 an hour, by month / 每小时接听超20的人数占比（按月）",
                        dataset=BUSY_AGENTS,
                        by=("month_start_on", "team"),
                        kpis=("agents_judged", "busy_agent_share_of_month"),
                        order_by="latest_month",
                        only_with="agents",
                        page_length=10,
                        time_format="%Y-%m",
                    ),
                    6,
                ),
            ),
        ),
        Row(
            30,
            (
                Cell(
                    Table(
                        title="Shift patterns / 班制",
                        dataset=AGENT_DAYS,
                        by=("pattern",),
                        kpis=(
                            "signed_in_agents",
                            "answered",
                            "adherence",
                            "absence_rate",
                            "occupancy",
                            "contacts_per_hour",
                            "average_handle_time_milliseconds",
                            "away_compliance",
                        ),
                        order_by="signed_in_agents",
                        only_with="scheduled_seconds",
                    ),
                    12,
                ),
            ),
        ),
        Row(
            22,
            (
                Cell(
                    Table(
                        title="Trainees and the others / 新员工与其他坐席",
                        dataset=AGENT_DAYS,
                        by=("experience",),
                        kpis=(
                            "signed_in_agents",
                            "answered",
                            "contacts_per_hour",
                            "average_handle_time_milliseconds",
                            "visit_transfer_rate",
                            "overlong_call_share",
                            "satisfaction_share",
                            "away_compliance",
                        ),
                        order_by="answered",
                        only_with="agent_days",
                    ),
                    12,
                ),
            ),
        ),
        Row(
            66,
            (
                Cell(
                    Table(
                        title="Agents / 坐席",
                        dataset=AGENT_DAYS,
                        by=("agent", "team", "trainee_mark"),
                        kpis=(
                            "signed_in_agents",
                            "signed_in_time_per_day_milliseconds",
                            "answered",
                            "contacts_per_hour",
                            "average_handle_time_milliseconds",
                            "occupancy",
                            "adherence",
                            "away_time_per_day_milliseconds",
                            "away_compliance",
                            "overlong_call_share",
                            "satisfaction_share",
                        ),
                        order_by="answered",
                        only_with="agent_days",
                        page_length=15,
                        colours=(
                            Colour("adherence", "<", (0.8,), PALE_RED),
                            Colour("away_compliance", "<", (0.5,), PALE_RED),
                        ),
                    ),
                    12,
                ),
            ),
        ),
        Row(
            28,
            (
                Cell(
                    Table(
                        title="Early warnings by team / 各班组预警",
                        dataset=WARNINGS,
                        by=("team",),
                        kpis=WARNING_COUNTS,
                        order_by="warnings",
                        only_with="severity",
                        page_length=10,
                    ),
                    12,
                ),
            ),
        ),
        Row(
            40,
            (
                Cell(
                    Table(
                        title="Early warnings by agent / 各坐席预警",
                        dataset=WARNINGS,
                        by=("agent",),
                        kpis=WARNING_COUNTS,
                        order_by="warnings",
                        only_with="severity",
                        page_length=10,
                    ),
                    12,
                ),
            ),
        ),
        Row(
            70,
            (
                Cell(
                    Listing(
                        title="Early warnings / 预警",
                        dataset=WARNINGS,
                        columns=(
                            "day_local",
                            "agent",
                            "team",
                            "warning_label",
                            "severity",
                            "contact_id",
                            "reason_en",
                            "reason_zh",
                        ),
                        # The first of each kind and day come before the second, so that no kind hides another; the last
                        # day before all others, since it is the one that can still be talked about.
                        order_by=("rank_of_day", "day_local", "severity"),
                        ascending=("rank_of_day",),
                        rows=1_000,
                        number_formats={"severity": ",.1f"},
                    ),
                    12,
                ),
            ),
        ),
        Row(
            58,
            (
                Cell(
                    Listing(
                        title="Away, meals, trainings, sign-ins and sign-outs / 离席、用餐、培训与签入签出",
                        dataset=TIMELINE,
                        columns=(
                            "started_local",
                            "ended_local",
                            "agent",
                            "team",
                            "state_label",
                            "minutes",
                            "reason",
                            "seat",
                            "log_label",
                        ),
                        order_by=("started_local",),
                        where={"kind_of_state": "presence"},
                        rows=1_000,
                        time_format="%Y-%m-%d %H:%M",
                    ),
                    12,
                ),
            ),
        ),
        Row(
            58,
            (
                Cell(
                    Listing(
                        title="The contacts behind the numbers / 数字背后的接触",
                        dataset=AGENT_VISITS,
                        columns=(
                            "interval_start_local",
                            "agent",
                            "team",
                            "contact_id",
                            "queue",
                            "wait_seconds",
                            "talk_seconds",
                            "hold_seconds",
                            "wrap_up_seconds",
                            "handle_seconds",
                            "rating",
                            "marks_label",
                        ),
                        order_by=("marks", "handle_seconds"),
                        time_format="%Y-%m-%d %H:%M",
                    ),
                    12,
                ),
            ),
        ),
        Row(36, (Cell(DEFINITIONS, 12),)),
    ),
)
