"""Operations: the page for whoever plans: enough people, what will come, was it settled, and did it change."""

from dashboards.assets import (
    Cell,
    Choice,
    Colour,
    Dashboard,
    Headline,
    HeatMap,
    Listing,
    OverTime,
    Profile,
    Row,
    Table,
    Text,
    TwoAxes,
)
from dashboards.roles import ANALYST, EXECUTIVE, HR
from dashboards.spec.datasets import (
    BY_DAY,
    CALL_KINDS,
    COMPARISONS,
    CONTACTS,
    FORECAST,
    FORECAST_ACCURACY,
    HANDLING,
    PEAKS,
    POOLED_STAFFING,
    REPEATED,
    RESOLUTION,
    STAFFING,
    STAFFING_AHEAD,
    TRAINEES,
    VOLUME_EFFECTS,
    WEATHER,
)
from dashboards.spec.service_level import FRESHNESS
from dashboards.theme import AMBER, BLUE, GREEN, GREY, PALE_AMBER, PALE_GREEN, PALE_RED, SKY

DEFINITIONS = Text(
    "definitions",
    """\
**Agents needed / 所需座席**: the fewest that meet the service level target and the largest occupancy, by Erlang A with
the patience of the day's callers; without shrinkage. *At most*, if nobody answers two queues; *at least*, if everybody
answers all of them (one pool). A centre of several skills lies between; what even one pool lacks is *short*.
按 Erlang A 和当日客户耐心计算、满足服务水平目标与占用率上限的最少座席数，未计损耗。
各队列互不支援时最多，全员共享时最少；多技能中心介于两者之间。

**A queue's short and over / 队列缺口与富余** are added up half hour by half hour and do not cancel out. Agents with
several queues are shared out by handle time. 按半小时分别累计，互不抵消；多技能座席按处理时长分摊到各队列。

**Forecast / 预测**: the days ahead, and the last four weeks as they were forecast from what was known before. The
*naive forecast* says what came on the last same weekday.
The bounds are of all queues of a source together, or of the one queue that you pick: those of several do not add up.
未来两周的预测，以及最近四周按当时已知数据作出的预测；基准预测取上一个相同星期的实际值。
上下限为全部队列合计或所选单一队列的 90% 区间。

**The next two weeks / 未来两周**: agents needed for the calls expected, with the handle time and patience of the last
four weeks, and for the upper bound of each half hour. *To be rostered* adds shrinkage. Beyond the last day of the
roster it has no line; grey is who was there in the same half hours of the last four weeks.
按预测呼入量及最近四周的处理时长与耐心计算；“应排班”含损耗。排班表未到的日子无排班线，灰线为最近四周同时段在岗人数。

**What moves calls / 影响因素**: on such a day or with each degree more, against days of the same weekday and season;
association, seen on at least three days of the last half year. 与同星期、同季节相比，仅为相关关系。

**Who got through / 接通情况**: *connection rate of the system* is contacts that entered of all attempts;
*containment* those finished in self-service of those that entered it; *connection* and *loss rate* the answered and the
abandoned of the calls offered.
系统接通率为进线/尝试；自助完成率为自助完成/进入自助；接通率与客户丢失率以排队呼入为分母。

**Peak / 高峰系数**: busiest half hour / mean half hour of opening time; busiest day / mean day of the month.
最忙半小时/营业时段平均半小时；最忙日/月内日均。

**Settled / 解决率**: handled contacts of known customers without a further inbound contact on the same business type
within so many days. Younger contacts are not yet known and in neither part.
已知客户的受理联络在相应天数内未就同一业务再次来电；未满天数的联络暂不计入。

**Comparisons / 对比**: 'no clear difference' where the 95 % interval of the difference spans 0. *n* counts what the
test compares: days, agents, or cases and events; pp are percentage points. *Managing from data* holds the last four
weeks against those of two months before.
差值的 95% 区间包含 0 时为“无明显差异”；n 为检验单位数(日、坐席或个案)，pp 为百分点。

**Trainees / 见习座席**: × 1.28 is 28 % more than experienced agents on the same business types, in the last 91 days;
the interval knows how much agents differ. 1.28 倍即在相同业务类型下高出 28%；区间已计入座席之间的差异。

**To the contacts / 查看接触**: a click on a business type or a queue narrows the page, down to its contacts.
点击业务类型或队列即可筛选本页及其接触。
""",
)

HEADLINES = (
    ("At least / 最少", "agent_hours_needed_pooled", "agent hours, one pool / 工时"),
    ("At most / 最多", "agent_hours_needed_apart", "agent hours, queues apart / 工时"),
    ("Present / 在岗", "agent_hours_present_in_all", "agent hours / 工时"),
    ("Short / 缺口", "agent_hours_short_of_pool", "agent hours, of one pool / 工时"),
    ("Reached / 实际", "service_level_reached_in_all", "service level / 服务水平"),
    ("One more / 加一人", "service_level_gain_of_one_in_the_pool", "more service level / 提升"),
)

SETTLED = tuple(f"first_contact_resolution_{days}_days" for days in (1, 3, 7, 14, 30))


def above_target(column: str, amber_to: float) -> tuple[Colour, ...]:
    """Of a gap that is better below its target: green up to it, amber up to `amber_to` above it, red beyond."""
    return (
        Colour(column, "≤", (0,), PALE_GREEN),
        Colour(column, "< x ≤", (0, amber_to), PALE_AMBER),
        Colour(column, ">", (amber_to,), PALE_RED),
    )


COMPARED = (
    *("value_1_shown", "value_2_shown", "difference_shown", "interval_shown", "test_text", "effect_shown", "cases"),
    "reading",
)

OPERATIONS = Dashboard(
    slug="operations",
    title="Operations and planning / 运营与排班",
    description="Enough people, what will come, was it settled? 人手够吗？将来多少？解决了吗？",
    roles=(EXECUTIVE, ANALYST, HR),
    cross_filters=True,
    choices=(
        Choice("Queue / 队列", "queue", STAFFING),
        Choice("Source / 来源", "source", STAFFING),
    ),
    colours={
        "agents_needed_apart_mean": AMBER,
        "agents_needed_pooled_mean": GREEN,
        "agents_present_in_all_mean": BLUE,
        "service_level_predicted_apart": AMBER,
        "service_level_predicted_pooled": GREEN,
        "service_level_reached_in_all": BLUE,
        "agents_needed_mean": AMBER,
        "agents_needed_patient_mean": GREY,
        "agents_present_mean": BLUE,
        "agent_hours_under": AMBER,
        "agent_hours_over": GREEN,
        "service_level_reached": BLUE,
        "service_level_predicted": AMBER,
        "service_level_one_agent_more": GREEN,
        "needed_ahead": AMBER,
        "needed_ahead_high": PALE_AMBER,
        "present_lately": GREY,
        "scheduled_ahead": BLUE,
        "agent_hours_rostered_needed_ahead": AMBER,
        "agent_hours_needed_ahead": GREY,
        "agent_hours_scheduled": BLUE,
        "contacts_a_day": SKY,
        "calls_a_day": BLUE,
        "highest_temperature": AMBER,
        "came": BLUE,
        "expected": AMBER,
        "bound_low": SKY,
        "bound_high": SKY,
    },
    rows=(
        Row(6, (Cell(FRESHNESS, 12),)),
        Row(
            22,
            tuple(
                Cell(Headline(title=title, dataset=POOLED_STAFFING, kpi=kpi, unit=unit), 2)
                for title, kpi, unit in HEADLINES
            ),
        ),
        Row(
            46,
            (
                Cell(
                    Profile(
                        title="All queues: agents needed and present, mean day / 全部队列所需与在岗座席(日均)",
                        dataset=POOLED_STAFFING,
                        kpis=("agents_needed_apart_mean", "agents_needed_pooled_mean", "agents_present_in_all_mean"),
                        by="half_hour_label",
                        axis_title="Agents / 座席",
                        by_title="Half hour / 半小时",
                        number_format=",.0f",
                    ),
                    7,
                ),
                Cell(
                    OverTime(
                        title="Service level reached, and between what it should lie / 实际服务水平与理论范围",
                        dataset=POOLED_STAFFING,
                        kpis=(
                            "service_level_predicted_pooled",
                            "service_level_reached_in_all",
                            "service_level_predicted_apart",
                        ),
                        axis_title="Share / 比例",
                        number_format=".0%",
                        from_zero=False,
                    ),
                    5,
                ),
            ),
        ),
        Row(
            44,
            (
                Cell(
                    HeatMap(
                        title="Agents present of those that one pool needs, % / 在岗占全员共享所需(%)",
                        dataset=POOLED_STAFFING,
                        kpi="pooled_staffing_coverage_per_cent",
                        x="half_hour_label",
                        y="weekday_label",
                        bounds=(50, 150),
                    ),
                    12,
                ),
            ),
        ),
        Row(
            46,
            (
                Cell(
                    Profile(
                        title="Each queue by itself: agents needed and present / 各队列独立所需与在岗座席(日均)",
                        dataset=STAFFING,
                        kpis=("agents_needed_mean", "agents_present_mean", "agents_needed_patient_mean"),
                        by="half_hour_label",
                        axis_title="Agents / 座席",
                        by_title="Half hour / 半小时",
                        number_format=",.0f",
                    ),
                    7,
                ),
                Cell(
                    OverTime(
                        title="Hours short and over by day / 每日缺口与富余工时",
                        dataset=STAFFING,
                        kpis=("agent_hours_under", "agent_hours_over"),
                        axis_title="Agent hours / 工时",
                        number_format=",.0f",
                    ),
                    5,
                ),
            ),
        ),
        Row(
            42,
            (
                Cell(
                    Table(
                        title="Queues / 各队列",
                        dataset=STAFFING,
                        by=("queue",),
                        kpis=(
                            "agent_hours_needed",
                            "agent_hours_present",
                            "agent_hours_under",
                            "agent_hours_over",
                            "staffing_coverage",
                            "service_level_reached",
                            "service_level_predicted",
                            "service_level_gain_of_one_agent",
                        ),
                        order_by="agent_hours_needed",
                        only_with="offered",
                        colours=(
                            Colour("staffing_coverage", "≥", (1,), PALE_GREEN),
                            Colour("staffing_coverage", "≤ x <", (0.9, 1), PALE_AMBER),
                            Colour("staffing_coverage", "<", (0.9,), PALE_RED),
                        ),
                    ),
                    7,
                ),
                Cell(
                    OverTime(
                        title="Service level reached and predicted / 实际与预测服务水平",
                        dataset=STAFFING,
                        kpis=("service_level_reached", "service_level_predicted", "service_level_one_agent_more"),
                        axis_title="Share / 比例",
                        number_format=".0%",
                        from_zero=False,
                    ),
                    5,
                ),
            ),
        ),
        Row(
            58,
            (
                Cell(
                    OverTime(
                        title="Calls forecast and calls that came / 预测与实际呼入量",
                        dataset=FORECAST,
                        time_column="day_local",
                        kpis=("came", "expected", "bound_low", "bound_high"),
                        axis_title="Calls a day / 每日呼入",
                        from_zero=False,
                    ),
                    7,
                ),
                Cell(
                    Table(
                        title="How good the forecast was on held-out days / 预测在留出日的误差",
                        dataset=FORECAST_ACCURACY,
                        by=("queue", "judged_label", "status_label"),
                        kpis=("error", "error_of_naive", "bias", "coverage"),
                        order_by="calls_judged",
                        only_with="history_days",
                    ),
                    5,
                ),
            ),
        ),
        Row(
            46,
            (
                Cell(
                    Profile(
                        title="The next two weeks: agents needed and rostered, mean day / 未来两周所需与已排班座席",
                        dataset=STAFFING_AHEAD,
                        kpis=("needed_ahead", "needed_ahead_high", "scheduled_ahead", "present_lately"),
                        by="half_hour_label",
                        axis_title="Agents / 座席",
                        by_title="Half hour / 半小时",
                        number_format=",.0f",
                    ),
                    7,
                ),
                Cell(
                    OverTime(
                        title="The next two weeks: hours needed and rostered by day / 未来两周每日所需与已排班工时",
                        dataset=STAFFING_AHEAD,
                        time_column="day_local",
                        kpis=(
                            "agent_hours_rostered_needed_ahead",
                            "agent_hours_needed_ahead",
                            "agent_hours_scheduled",
                        ),
                        axis_title="Agent hours / 工时",
                        number_format=",.0f",
                    ),
                    5,
                ),
            ),
        ),
        Row(
            46,
            (
                Cell(
                    Table(
                        title="Who got through, by queue / 各队列接通情况",
                        dataset=BY_DAY,
                        by=("queue",),
                        kpis=(
                            "entered",
                            "system_connection_rate",
                            "containment_rate",
                            "connection_rate",
                            "loss_rate",
                            "flow_out_rate",
                            "outbound_connection_rate",
                        ),
                        order_by="entered",
                        only_with="entered",
                    ),
                    7,
                ),
                Cell(
                    OverTime(
                        title="Who got through, by day / 每日接通情况",
                        dataset=BY_DAY,
                        kpis=(
                            "system_connection_rate",
                            "connection_rate",
                            "containment_rate",
                            "outbound_connection_rate",
                            "loss_rate",
                        ),
                        axis_title="Share / 比例",
                        number_format=".0%",
                        top=1,
                    ),
                    5,
                ),
            ),
        ),
        Row(
            46,
            (
                Cell(
                    TwoAxes(
                        title="Calls and temperature by day / 每日呼入量与气温",
                        dataset=WEATHER,
                        kpis=("contacts_a_day", "calls_a_day"),
                        axis_title="A day / 每日",
                        line="highest_temperature",
                        line_title="°C",
                        line_format=",.0f",
                    ),
                    8,
                ),
                Cell(
                    Profile(
                        title="Calls a day by the highest temperature / 不同最高气温下的日均呼入量",
                        dataset=WEATHER,
                        kpis=("contacts_a_day", "calls_a_day"),
                        by="celsius_band",
                        axis_title="A day / 每日",
                        by_title="From °C / 气温区间",
                        where={"has_weather": True},
                    ),
                    4,
                ),
            ),
        ),
        Row(
            46,
            (
                Cell(
                    Listing(
                        title="Busiest days, with weather and events / 最繁忙的日子及其天气与事件",
                        dataset=WEATHER,
                        columns=(
                            "day_local",
                            "entered",
                            "offered",
                            "max_celsius_of_hottest",
                            "events_label",
                            "self_served_text",
                            "peak_text",
                        ),
                        order_by=("entered",),
                        number_formats={"entered": ",d", "offered": ",d", "max_celsius_of_hottest": ",.1f"},
                    ),
                    8,
                ),
                Cell(
                    Table(
                        title="How sharp are the peaks, by month / 各月高峰系数",
                        dataset=PEAKS,
                        by=("month_start_on", "queue"),
                        kpis=("peak_factor_half_hour", "peak_factor_day"),
                        order_by="latest_month",
                        only_with="offered",
                        time_format="%Y-%m",
                        page_length=10,
                    ),
                    4,
                ),
            ),
        ),
        Row(
            62,
            (
                Cell(
                    Listing(
                        title="What moves the number of calls / 影响呼入量的因素",
                        dataset=VOLUME_EFFECTS,
                        columns=(
                            "queue",
                            "effect_label",
                            "calls_change_text",
                            "interval_text",
                            "reading_label",
                            "days_seen",
                        ),
                        order_by=("queue",),
                    ),
                    12,
                ),
            ),
        ),
        Row(
            46,
            (
                Cell(
                    Table(
                        title="Handling against targets, by business type / 各业务类型处理对照目标",
                        dataset=HANDLING,
                        by=("business_type_name",),
                        kpis=(
                            "answered",
                            "average_talk_time_milliseconds",
                            "average_talk_time_against_target",
                            "talk_within_target",
                            "average_wrap_up_time_milliseconds",
                            "average_wrap_up_time_against_target",
                            "wrap_up_within_target",
                            "ring_within_target",
                            "transfer_rate",
                            "transfer_rate_against_target",
                            "long_hold_rate",
                        ),
                        order_by="answered",
                        only_with="answered",
                        colours=(
                            *above_target("average_talk_time_against_target", 30),
                            *above_target("average_wrap_up_time_against_target", 15),
                            *above_target("transfer_rate_against_target", 2),
                        ),
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
                        title="Kinds of calls / 来电类别",
                        dataset=CALL_KINDS,
                        by=("kind_label",),
                        kpis=("calls_of_kind",),
                        order_by="calls_of_kind",
                        only_with="calls",
                    ),
                    3,
                ),
                Cell(
                    Table(
                        title="Ratings and trainees, by business type / 评价与新员工接听",
                        dataset=HANDLING,
                        by=("business_type_name",),
                        kpis=("rating_offer_rate", "rating_participation", "satisfaction_share", "trainee_share"),
                        order_by="answered",
                        only_with="answered",
                    ),
                    6,
                ),
                Cell(
                    Table(
                        title="Silent and nuisance calls, by queue / 各队列无声与骚扰电话",
                        dataset=CALL_KINDS,
                        by=("queue",),
                        kpis=("silent_call_share", "nuisance_call_share"),
                        order_by="calls_of_kind",
                        only_with="calls",
                    ),
                    3,
                ),
            ),
        ),
        Row(
            74,
            (
                Cell(
                    Table(
                        title="Settled at first contact, by business type / 各业务类型首次联络解决率",
                        dataset=RESOLUTION,
                        by=("business_type_name", "handled_by_label"),
                        kpis=("resolvable_contacts", *SETTLED, "repeat_rate_7_days"),
                        order_by="resolvable_contacts",
                        only_with="contacts",
                    ),
                    8,
                ),
                Cell(
                    OverTime(
                        title="Settled within 1 and 7 days / 1天与7天解决率",
                        dataset=RESOLUTION,
                        kpis=("first_contact_resolution_1_days", "first_contact_resolution_7_days"),
                        axis_title="Share / 比例",
                        number_format=".0%",
                        from_zero=False,
                    ),
                    4,
                ),
            ),
        ),
        Row(
            52,
            (
                Cell(
                    Listing(
                        title="Contacts after which the customer came again / 客户再次来电的联络",
                        dataset=REPEATED,
                        columns=(
                            "entered_local",
                            "contact_id",
                            "customer_id",
                            "business_type_name",
                            "handled_by_label",
                            "agent",
                            "repeat_contact_id",
                            "hours_to_repeat",
                        ),
                        order_by=("entered_local",),
                        time_format="%Y-%m-%d %H:%M",
                        only=("has_repeat",),
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
                        dataset=CONTACTS,
                        columns=(
                            *("entered_local", "contact_id", "queue", "business_type_name", "tier_label", "agent"),
                            *(
                                "last_outcome",
                                "wait_seconds",
                                "talk_seconds",
                                "hold_seconds",
                                "wrap_up_seconds",
                                "rating",
                            ),
                        ),
                        order_by=("entered_local",),
                        time_format="%Y-%m-%d %H:%M",
                        only=("is_entered",),
                    ),
                    12,
                ),
            ),
        ),
        Row(
            62,
            (
                Cell(
                    Listing(
                        title="Managing from data: before and after / 数据管理：前后对比",
                        dataset=COMPARISONS,
                        columns=("measure_label", *COMPARED),
                        order_by=("comparison_id",),
                        where={"report": "managing_from_data"},
                    ),
                    12,
                ),
            ),
        ),
        Row(
            104,
            (
                Cell(
                    Listing(
                        title="Did it change, does it differ? / 有无变化与差异",
                        dataset=COMPARISONS,
                        columns=("measure_label", "group_1", "group_2", *COMPARED),
                        order_by=("is_clear",),
                        page_length=20,
                    ),
                    12,
                ),
            ),
        ),
        Row(
            30,
            (
                Cell(
                    Listing(
                        title="Trainees on the same matters / 相同业务下的见习座席",
                        dataset=TRAINEES,
                        columns=("measure_label", "words_en", "words_zh", "agents_trainees", "cases_trainees"),
                        order_by=("place",),
                    ),
                    12,
                ),
            ),
        ),
        Row(80, (Cell(DEFINITIONS, 12),)),
    ),
)
