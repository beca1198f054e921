"""Customers: the page for whoever asks who they are, who leaves, and whether each tier is served as promised."""

from dashboards.assets import Cell, Choice, Dashboard, Row, Table, Text
from dashboards.roles import ANALYST, EXECUTIVE, HR
from dashboards.spec.datasets import ASKING, BY_DAY, CUSTOMERS, MISSED, TIER_MOVES
from dashboards.spec.service_level import AGAINST_TARGET_COLOURS, FRESHNESS

DEFINITIONS = Text(
    "definitions",
    """\
**Tier / 客户等级**: in the upper tables the priority with which the queue served the call; in the others the tier that
revenue, months with us and credit ask for. 上方两表为排队时的服务等级；其余为按收入、在网月数和信用应属的等级。

**Missed / 未接通**: contacts that met a busy queue or line and were answered nowhere; *came again* are those who were
answered later on a call of their own. 因繁忙未获任何接听的联络；“自行再来电接通”为其后自行来电获接听者。

**Leavers of small value / 低价值流失占比**: of those who left, the share below the small revenue of the seed.
流失客户中收入低于阈值者的占比。

**Revenue at risk / 预警收入**: what customers in the warning stage paid before it fell, of what all paid.
预警期客户下滑前的收入占全部收入的比例。

**Stages / 生命周期**: recognition, growth and stable by months since joining; warning where revenue fell well below the
three months before. *Those who asked* are known customers with a contact in the month.
识别期、成长期、稳定期按在网月数划分；收入明显低于前三个月均值为预警期。“咨询客户”为当月有联络的已知客户。
""",
)

CUSTOMERS_PAGE = Dashboard(
    slug="customers",
    title="Customers / 客户",
    description="Who are they, who leaves, and is each tier served as promised? 客户构成、流失与各等级服务兑现情况。",
    roles=(EXECUTIVE, ANALYST, HR),
    choices=(
        Choice("Tier / 客户等级", "tier_label", CUSTOMERS),
        Choice("Source / 来源", "source", CUSTOMERS),
    ),
    rows=(
        Row(6, (Cell(FRESHNESS, 12),)),
        Row(
            28,
            (
                Cell(
                    Table(
                        title="Tiers against their own targets / 各客户等级对照目标",
                        dataset=BY_DAY,
                        by=("tier_label",),
                        kpis=(
                            *("offered", "service_level_abandons_counted", "service_level_target"),
                            *("service_level_against_target", "abandonment_rate"),
                            "average_speed_of_answer_milliseconds",
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
            32,
            (
                Cell(
                    Table(
                        title="Missed callers called back / 未接通客户回拨",
                        dataset=MISSED,
                        by=("tier_label",),
                        kpis=(
                            *("missed_calls", "missed_call_back_rate", "missed_caller_reached_rate"),
                            "missed_caller_answered_later_rate",
                        ),
                        order_by="missed_calls",
                        only_with="missed",
                    ),
                    12,
                ),
            ),
        ),
        Row(
            52,
            (
                Cell(
                    Table(
                        title="Customers by value, by month / 各月客户价值分层",
                        dataset=CUSTOMERS,
                        by=("month_start_on", "tier_label"),
                        kpis=(
                            "customer_months",
                            "customer_leaver_rate",
                            "record_completeness",
                            "company_name_completeness",
                            "leavers_of_small_value",
                            "revenue_at_risk_share",
                        ),
                        order_by="latest_month",
                        only_with="customers",
                        time_format="%Y-%m",
                        page_length=8,
                    ),
                    12,
                ),
            ),
        ),
        Row(
            56,
            (
                Cell(
                    Table(
                        title="Stages of the life cycle and lists, by month / 各月生命周期与名单",
                        dataset=CUSTOMERS,
                        by=("month_start_on", "stage_label", "list_label"),
                        kpis=(*("customer_months", "mean_months_on_network", "revenue_at_risk_share"),),
                        order_by="latest_month",
                        only_with="customers",
                        time_format="%Y-%m",
                        page_length=10,
                    ),
                    12,
                ),
            ),
        ),
        Row(
            44,
            (
                Cell(
                    Table(
                        title="Moves between tiers, by month / 各月客户等级变动",
                        dataset=TIER_MOVES,
                        by=("month_start_on", "tier_before_label", "tier_now_label"),
                        kpis=("tier_moves",),
                        order_by="latest_month",
                        only_with="moved",
                        time_format="%Y-%m",
                        page_length=8,
                    ),
                    6,
                ),
                Cell(
                    Table(
                        title="Records of those who asked, by month / 各月咨询客户资料",
                        dataset=ASKING,
                        by=("month_start_on",),
                        kpis=(
                            *("customers_asking", "company_name_completeness_of_asking"),
                            "record_completeness_of_asking",
                        ),
                        order_by="latest_month",
                        only_with="customers_asking",
                        time_format="%Y-%m",
                        page_length=8,
                    ),
                    6,
                ),
            ),
        ),
        Row(40, (Cell(DEFINITIONS, 12),)),
    ),
)
