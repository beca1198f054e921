"""Service level today and over time: the page for whoever answers for the centre."""

from dashboards.assets import Bars, Cell, Choice, Colour, Dashboard, Headline, HeatMap, OverTime, Row, Table, Text
from dashboards.roles import ANALYST, EXECUTIVE, HR
from dashboards.spec.datasets import BY_DAY, BY_INTERVAL, WAITS
from dashboards.theme import AMBER, BLUE, GREEN, GREY, PALE_AMBER, PALE_GREEN, PALE_RED

FRESHNESS = Text(
    "freshness",
    """\
Data up to / 数据截至 **{{last_day}}** &nbsp;·&nbsp; release / 版本 {{release}} &nbsp; {{simulated}}
""",
)

DEFINITIONS = Text(
    "definitions",
    """\
**Large numbers / 大数字** are those of the last day in the period; the line is the period, one point a day.
为所选时段最后一天的数值；曲线为整个时段，每日一点。

**Service level / 服务水平** = answered within target ÷ (answered + abandoned), by the half hour of arrival. Calls that
flowed out (call-back, voicemail, overflow) are left out. Target seconds and share belong to queue and tier.
目标时间内接听 ÷ (接听 + 放弃)，按到达时段归属；回拨、留言、溢出不计入。目标秒数与比例按队列和客户等级设定。

**Against target / 与目标差**: percentage points; green at or above target, amber up to 10 points below, red beyond.
百分点；绿色达标，黄色低于目标 10 个百分点以内，红色更低。

**Abandoned / 放弃率** = abandoned ÷ offered. **Speed of answer / 应答速度** = mean wait of answered visits only /
仅计已接听。

**Freshness / 数据时效** (built / 构建于 {{built_at}})

{{freshness}}
""",
)

AGAINST_TARGET_COLOURS = (
    Colour("service_level_against_target", "≥", (0,), PALE_GREEN),
    Colour("service_level_against_target", "≤ x <", (-10, 0), PALE_AMBER),
    Colour("service_level_against_target", "<", (-10,), PALE_RED),
)

SERVICE_LEVEL = Dashboard(
    slug="service-level",
    title="Service level today and over time / 今日与历史服务水平",
    description="Are customers answered in time, when not, and who waits? 客户是否及时得到接听？何时未能？谁在等待？",
    roles=(EXECUTIVE, ANALYST, HR),
    choices=(
        Choice("Queue / 队列", "queue", BY_DAY),
        Choice("Tier / 客户等级", "tier_label", BY_DAY),
        Choice("Source / 来源", "source", BY_DAY),
    ),
    colours={
        "service_level_abandons_counted": BLUE,
        "service_level_target": GREY,
        "answered": GREEN,
        "abandoned": AMBER,
        "flowed_out": GREY,
        "average_speed_of_answer": BLUE,
        "average_wait_to_abandon": AMBER,
        "abandonment_by_wait": AMBER,
    },
    rows=(
        Row(6, (Cell(FRESHNESS, 12),)),
        Row(
            22,
            (
                Cell(
                    Headline(
                        title="Service level / 服务水平",
                        dataset=BY_DAY,
                        kpi="service_level_abandons_counted",
                        unit="answered in time / 及时接听",
                    ),
                    2,
                ),
                Cell(
                    Headline(
                        title="Against target / 与目标差",
                        dataset=BY_DAY,
                        kpi="service_level_against_target",
                        unit="points / 百分点",
                    ),
                    2,
                ),
                Cell(
                    Headline(title="Offered / 呼入量", dataset=BY_DAY, kpi="offered", compared=True),
                    2,
                ),
                Cell(
                    Headline(
                        title="Abandoned / 放弃率", dataset=BY_DAY, kpi="abandonment_rate", unit="of offered / 占呼入"
                    ),
                    2,
                ),
                Cell(
                    Headline(
                        title="Speed of answer / 应答速度",
                        dataset=BY_DAY,
                        kpi="average_speed_of_answer_milliseconds",
                        compared=True,
                    ),
                    2,
                ),
                Cell(
                    Headline(
                        title="Handle time / 处理时长",
                        dataset=BY_DAY,
                        kpi="average_handle_time_milliseconds",
                        unit="talk, hold, after-call / 含事后处理",
                    ),
                    2,
                ),
            ),
        ),
        Row(
            42,
            (
                Cell(
                    OverTime(
                        title="Service level and target by day / 每日服务水平与目标",
                        dataset=BY_DAY,
                        kpis=("service_level_abandons_counted", "service_level_target"),
                        axis_title="Share / 比例",
                        number_format=".0%",
                        from_zero=False,
                    ),
                    6,
                ),
                Cell(
                    OverTime(
                        title="What became of offered visits / 呼入的去向",
                        dataset=BY_DAY,
                        kpis=("answered", "flowed_out", "abandoned"),
                        axis_title="Visits / 次数",
                        stacked=True,
                    ),
                    6,
                ),
            ),
        ),
        Row(
            44,
            (
                Cell(
                    HeatMap(
                        title="Service level by weekday and half hour, % / 各星期与半小时的服务水平(%)",
                        dataset=BY_INTERVAL,
                        kpi="service_level_abandons_counted_per_cent",
                        x="half_hour_label",
                        y="weekday_label",
                        bounds=(40, 100),
                    ),
                    12,
                ),
            ),
        ),
        Row(
            42,
            (
                Cell(
                    OverTime(
                        title="How long callers wait / 客户等待时长",
                        dataset=BY_DAY,
                        kpis=("average_speed_of_answer", "average_wait_to_abandon"),
                        axis_title="Seconds / 秒",
                    ),
                    5,
                ),
                Cell(
                    Bars(
                        title="Who gives up after how long a wait / 等待多久后放弃",
                        dataset=WAITS,
                        kpi="abandonment_by_wait",
                        by="wait_band_seconds",
                        order_by="wait_band_position",
                        axis_title="Abandoned / 放弃占比",
                        number_format=".0%",
                        by_title="Wait in seconds / 等待秒数",
                    ),
                    7,
                ),
            ),
        ),
        Row(
            62,
            (
                Cell(
                    Table(
                        title="Queues and tiers against target / 各队列与客户等级对照目标",
                        dataset=BY_DAY,
                        by=("queue", "tier_label"),
                        kpis=(
                            "offered",
                            "answered",
                            "service_level_abandons_counted",
                            "service_level_target",
                            "service_level_against_target",
                            "abandonment_rate",
                            "average_speed_of_answer_milliseconds",
                            "average_handle_time_milliseconds",
                        ),
                        order_by="offered",
                        only_with="offered",
                        number_formats={"service_level_target": ".0%"},
                        colours=AGAINST_TARGET_COLOURS,
                    ),
                    12,
                ),
            ),
        ),
        Row(
            44,
            (
                Cell(DEFINITIONS, 8),
                Cell(
                    Table(
                        title="What is shown / 所示数据",
                        dataset=BY_DAY,
                        by=("source", "kind_of_data"),
                        kpis=("last_day", "offered"),
                        order_by="offered",
                        only_with="offered",
                    ),
                    4,
                ),
            ),
        ),
    ),
)
