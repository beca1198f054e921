"""Tickets and complaints: the page for whoever leads the work after the call: what is open, what is late, and where.

The claims desk stands at its foot: another desk, other tickets, and by month.
"""

import csv

from dashboards.assets import (
    Cell,
    Choice,
    Colour,
    Dashboard,
    Dataset,
    Derived,
    Headline,
    Listing,
    OverTime,
    Row,
    Table,
    Text,
)
from dashboards.roles import ANALYST, EXECUTIVE, HR
from dashboards.spec.service_level import FRESHNESS
from dashboards.theme import AMBER, BLUE, GREEN, GREY, PALE_AMBER, PALE_GREEN, PALE_RED, RED, SKY
from hotline.home import PROJECT

with (PROJECT / "seeds" / "ticket_steps.csv").open(encoding="utf-8", newline="") as _lines:
    STEP_CASES = [
        f"when '{row['step']}' then '{row['label_en']} / {row['label_zh']}'" for row in csv.DictReader(_lines)
    ]

KIND = Derived(
    "kind_label",
    "Kind / 工单类别",
    "case kind when 'fault_repair' then 'Fault repair / 故障报修' when 'complaint' then 'Complaint / 投诉' "
    "when 'misconduct_report' then 'Misconduct report / 举报' when 'inquiry' then 'Inquiry / 业务查询' "
    "when 'consultation' then 'Consultation / 用电咨询' when 'application' then 'Application / 用电申请' "
    "when 'bill_notice' then 'Bill notice / 电费通知' when 'arrears_reminder' then 'Arrears reminder / 欠费催交' "
    "when 'unknown' then 'Unknown / 未知' else kind end",
)
VARIANT = Derived(
    "document",
    "Document / 依据",
    "case variant when 'centre_rules' then 'Centre''s own rules / 中心规定' "
    "when 'discipline_rules' then 'Rule for the discipline office / 监察规定' else 'Standard / 标准' end",
)
LABELS = {
    "day_local": "Day / 日期",
    "source": "Source / 来源",
    "department": "Department / 部门",
    "ticket_id": "Ticket / 工单编号",
}

BACKLOG = Dataset(
    "ticket_backlog_by_day",
    "day_local",
    labels=LABELS
    | {
        "open_tickets": "Open in the evening / 日末未结",
        "open_tickets_over_7_days": "Older than 7 days / 超7天",
        "mean_age_of_open_tickets": "Mean age, days / 平均天数",
        "tickets_closed": "Closed / 办结",
    },
    columns=(KIND,),
    metrics=(
        Derived("tickets_came", "Opened and reopened / 受理与重开", "sum(opened + reopened)", ",d"),
        Derived("open_up_to_3_days", "Aged 0–3 days / 3天内", "sum(backlog_up_to_1_day + backlog_2_to_3_days)", ",d"),
        Derived("open_4_to_7_days", "Aged 4–7 days / 4–7天", "sum(backlog_4_to_7_days)", ",d"),
        Derived("open_8_to_30_days", "Aged 8–30 days / 8–30天", "sum(backlog_8_to_30_days)", ",d"),
        Derived("open_over_30_days", "Over 30 days / 超30天", "sum(backlog_over_30_days)", ",d"),
    ),
)
TIMELINESS = Dataset(
    "ticket_step_timeliness",
    "day_local",
    labels=LABELS
    | {
        "steps_due": "Due / 到期",
        "step_timeliness": "In time / 及时率",
        "step_timeliness_other_document": "In time, other document / 另一规定",
        "steps_running_late": "Running late / 逾期未完",
        "step_business_hours": "Mean business hours / 平均工作小时",
    },
    columns=(KIND, VARIANT, Derived("step_label", "Step / 环节", "step_en || ' / ' || step_zh")),
    metrics=(
        Derived("variant_due", "Due / 到期", "sum(due)", ",d"),
        Derived("variant_timeliness", "In time / 及时率", "sum(in_time) * 1.0 / nullif(sum(due), 0)", ".1%"),
        Derived("variant_running_late", "Running late / 逾期未完", "sum(running_late)", ",d"),
        Derived(
            "variant_hours",
            "Business hours / 工作小时",
            "sum(step_business_minutes) / 60.0 / nullif(sum(ended_with_calendar), 0)",
            ",.1f",
        ),
        Derived("step_position", "", "min(step_order)"),
    ),
)
OPENED = Dataset(
    "tickets_by_day",
    "day_local",
    labels=LABELS
    | {
        "tickets_opened": "Opened / 受理",
        "order_correctness": "Correct orders / 工单正确",
        "order_correctness_against_target": "Against target, points / 工单与目标差",
        "key_field_correctness": "Key fields / 关键字段",
        "key_field_correctness_against_target": "Against target, points / 字段与目标差",
        "duplicate_tickets": "Duplicates / 重复",
        "duplicates_by_agents_share": "By agents' fault / 责任重复",
        "reopening_rate": "Reopened / 重开",
        "expediting_rate": "Expedited / 催办",
        "escalation_rate": "Escalated / 升级",
        "hand_back_rate": "Handed back / 退单",
        "result_business_hours": "To the result, h / 处理工时",
        "resolution_business_hours": "To closing, h / 办结工时",
        "call_back_share": "Called back / 回访率",
        "call_back_share_required": "At least / 应回访",
        "flagged_tickets": "Faults in the log / 异常",
    },
    columns=(
        KIND,
        Derived("business_type_name", "Business type / 业务类型", "substr(business_type_id, length(source) + 2)"),
    ),
    differences={
        f"{kpi}_against_target": (kpi, f"{kpi}_target") for kpi in ("order_correctness", "key_field_correctness")
    },
)
CALL_BACKS = Dataset(
    "call_backs_by_day",
    "day_local",
    labels=LABELS
    | {
        "call_back_attempts": "Attempts / 回访次数",
        "repair_call_back_share": "On repairs / 报修回访占比",
        "call_back_reach": "Reached / 接通",
        "call_backs_in_forbidden_hours": "Forbidden hours / 违规时段",
        "call_backs_against_customer_hours": "Against the customer's hours / 错时",
        "call_backs_in_the_same_night": "Same night / 当夜",
        "call_back_satisfaction": "Satisfied / 满意",
    },
    columns=(
        KIND,
        Derived(
            "customer_label",
            "Customer / 客户",
            "case customer_kind when 'company' then 'Company / 企业' when 'resident' then 'Resident / 居民' "
            "else 'Unknown / 未知' end",
        ),
    ),
)
# By month, as they are followed: not narrowed by the period.
DUPLICATES = Dataset(
    "duplicates_by_month",
    labels=LABELS
    | {
        "month_start_on": "Month / 月份",
        "duplicates_of_agents": "By agents / 责任重复",
        "duplicates_of_agents_share": "Of all duplicates / 占重复工单",
    },
    columns=(Derived("team", "Team / 班组", "substr(team_id, length(source) + 2)"),),
    metrics=(Derived("latest_month", "", "max(month_start_on)"),),
)
# What runs late does so now, whenever it was due: not narrowed by the period.
LATE_STEPS = Dataset(
    "fct_ticket_step",
    labels=LABELS
    | {
        "started_local": "Started / 开始",
        "due_local": "Due / 期限",
        "days_late": "Days late / 逾期天数",
    },
    columns=(
        KIND,
        VARIANT,
        Derived("step_label", "Step / 环节", f"case step {' '.join(STEP_CASES)} else step end"),
        Derived("is_running_late", "Running late / 逾期", "state = 'running_late' and is_lead"),
    ),
)
COMPLAINTS = Dataset(
    "complaints_by_day",
    "day_local",
    labels=LABELS
    | {
        "complaints": "Complaints / 投诉",
        "complaints_founded_share": "Founded / 属实",
        "repeat_complaint_share": "Repeats / 重复投诉",
        "complaints_settled_at_once": "Settled at once / 一次解决",
        "compensation": "Compensation / 赔付",
        "days_to_correction": "Days to correction / 整改天数",
        "complainants_satisfied": "Satisfied / 满意",
        "cause": "Cause / 原因",
        "product": "Product / 产品",
    },
    columns=(KIND,),
    metrics=(
        Derived(
            "corrected_share", "Corrected so far / 已整改", "sum(corrected) * 1.0 / nullif(sum(founded), 0)", ".1%"
        ),
    ),
)
COMPLAINT_RATE = Dataset(
    "complaint_rate_by_day",
    "day_local",
    labels=LABELS | {"complaint_rate": "Per 1,000 contacts / 千次联络投诉量", "cause": "Cause / 原因"},
)
# By month, as the causes are: not narrowed by the period.
CAUSES = Dataset(
    "complaint_causes",
    labels=LABELS
    | {
        "month_start_on": "Month / 月份",
        "member": "Cause / 原因",
        "complaints": "Complaints / 投诉",
        "pareto_rank": "Rank / 名次",
    },
    columns=(
        Derived("share_so_far", "Cumulative / 累计占比", "complaints_so_far * 1.0 / complaints_of_all"),
        Derived("vital_label", "Vital few / 主要", "case when is_vital_few then 'yes / 是' else '' end"),
        # From the highest: the first of the list is to stand first.
        Derived("place", "", "-pareto_rank"),
    ),
)
# Months would fall out of a period that begins within them.
OUTAGES = Dataset(
    "outages_by_month",
    labels=LABELS
    | {
        "month_start_on": "Month / 月份",
        "outages": "Outages / 停电",
        "customer_minutes_lost": "Customer minutes / 停电户分钟",
        "outage_information_correctness": "Correct information / 信息正确",
        "outages_announced_in_time": "Announced in time / 按期公告",
        "plans_copied_in_time": "Plan copied in time / 按期抄送",
        "outage_notices_confirmed": "Notices confirmed / 告知确认",
        "outage_reports_called_back": "Reports called back / 报修回访",
        "outage_areas_left_out": "Areas left out / 未回访区域",
    },
    columns=(
        Derived(
            "planned_label", "Kind / 类别", "case when is_planned then 'Planned / 计划' else 'Unplanned / 故障' end"
        ),
    ),
    metrics=(Derived("latest_month", "", "max(month_start_on)"),),
)
INSURANCE = Derived(
    "insurance_label",
    "Insurance / 险种",
    "case product when 'motor' then 'Motor / 车险' when 'property' then 'Property / 财产险' "
    "when 'accident' then 'Accident / 意外险' when 'unknown' then 'Unknown / 未知' else product end",
)
CLAIMS = Dataset(
    "claims_by_month",
    labels={
        "source": "Source / 来源",
        "month_start_on": "Month / 月份",
        "through_on": "Through / 截至",
        "claims_opened": "Opened / 立案",
        "claims_settled": "Settled / 已决",
        "claims_outstanding": "Outstanding / 未决",
        "claims_outstanding_amount": "Outstanding amount / 未决金额",
        "claims_outstanding_late": "Beyond 30 days / 逾期未决",
        "claims_settlement_rate": "Settlement rate / 结案率",
        "claims_settled_in_time": "Within 30 days / 结案及时",
        "claims_loss_ratio": "Loss ratio / 赔付率",
        "claims_injury_examined": "Injuries examined / 人伤调查率",
        "claims_days_to_settlement": "Mean days / 结案天数",
        "claims_frauds": "Frauds / 欺诈件数",
        "claims_recovered": "Recovered / 追偿金额",
        "claims_refused": "Refused / 拒赔金额",
        "claims_price_reduction": "Off by price checks / 核价减损",
        "claims_injury_reduction": "Off by injury checks / 人伤减损",
    },
    columns=(INSURANCE,),
    metrics=(
        Derived("claims_opened_amount", "Amount opened / 立案金额", "sum(opened_amount)", ",.0f"),
        Derived("claims_paid", "Paid / 已决金额", "sum(paid_amount)", ",.0f"),
        Derived("claims_aged_10", "Aged 0–10 days / 10天内", "sum(outstanding_up_to_10_days)", ",d"),
        Derived("claims_aged_30", "Aged 11–30 days / 11–30天", "sum(outstanding_11_to_30_days)", ",d"),
        Derived("claims_aged_60", "Aged 31–60 days / 31–60天", "sum(outstanding_31_to_60_days)", ",d"),
        Derived("claims_aged_more", "Over 60 days / 超60天", "sum(outstanding_over_60_days)", ",d"),
        Derived("latest_claims_month", "", "max(month_start_on)"),
    ),
)
OUTSTANDING_CLAIMS = Dataset(
    "fct_claim",
    labels={
        "source": "Source / 来源",
        "claim_id": "Claim / 案件编号",
        "opened_on": "Opened / 立案",
        "due_on": "Limit / 期限",
        "days_outstanding": "Days / 天数",
        "reserved_amount": "Reserve / 估损金额",
    },
    columns=(
        INSURANCE,
        Derived("is_outstanding", "Outstanding / 未决", "not is_settled"),
        Derived(
            "examination_label",
            "Injury / 人伤",
            "case when is_examined then 'examined / 已调查' when is_examination_due then 'to examine / 待调查' "
            "when is_injury then 'small / 小额' else '–' end",
        ),
    ),
)
TICKET_DATASETS = (
    *(BACKLOG, TIMELINESS, OPENED, CALL_BACKS, DUPLICATES, LATE_STEPS),
    *(COMPLAINTS, COMPLAINT_RATE, CAUSES, OUTAGES, CLAIMS, OUTSTANDING_CLAIMS),
)

DEFINITIONS = Text(
    "definitions",
    """\
**In time / 及时率** = steps in time ÷ steps due in the period. A step still running beyond its limit is late now; one
before it is not yet due.
及时完成 ÷ 期内到期；已逾期未完成者计为超时，未到期者不计。

**Limits / 时限** are those in force when the clock started. Where two documents disagree, both stand in the table;
the large numbers follow the centre's own rules.
以计时开始时有效的规定为准；两份文件不一致时两者并列，大数字采用中心规定。

**Working days / 工作日** are those of whoever acts: holidays and worked weekends (调休) included. A limit of 2 of them
from Friday 16:00 ends on Tuesday 16:00. 按责任部门日历计算，含法定假日与调休；周五16:00起2个工作日至周二16:00止。

**Open / 未结** are tickets at the end of the day: the day before + opened + reopened − closed.
日末未结 = 前日未结 + 受理 + 重开 − 办结。

**By day of opening / 按受理日** stand duplicates, reopenings, correct orders and call-backs, whenever they happened.
重复、重开、正确率与回访均计入受理日。
""",
)

CLAIMS_DESK = Text(
    "claims_desk",
    """\
### Claims desk / 理赔

By month, whatever the period above; *insurance* and *source* narrow it. Large numbers are of the last whole month.
按月统计，不受上方时段限制；可按险种与来源筛选。大数字为最近整月。

**Settlement rate / 结案率** = settled ÷ (outstanding at the beginning + opened). 已决 ÷ (期初未决 + 立案)。

**Within 30 days / 结案及时** = settled within 30 days of opening ÷ claims whose 30 days ended in the month.
立案后30天内结案 ÷ 当月期满案件。

**Loss ratio / 赔付率** = paid ÷ premiums of the policies whose claims were settled: far above that of the whole book.
赔付 ÷ 已决案件保单保费，高于全部保单。

**Injuries examined / 人伤调查率**: of injury claims above 5,000 yuan, 98 % are to be. 5000元以上人伤案件应达98%。
""",
)


def of_last_month(title: str, kpi: str, unit: str) -> Cell:
    """A KPI of the claims desk as a large number, with the whole months before it."""
    return Cell(
        Headline(
            title=title,
            dataset=CLAIMS,
            kpi=kpi,
            unit=unit,
            grain="P1M",
            time_column="month_start_on",
            where={"is_whole_month": True},
        ),
        2,
    )


def against(column: str, green: float, amber: float) -> tuple[Colour, ...]:
    """Green from `green` on, amber down to `amber`, red below."""
    return (
        Colour(column, "≥", (green,), PALE_GREEN),
        Colour(column, "≤ x <", (amber, green), PALE_AMBER),
        Colour(column, "<", (amber,), PALE_RED),
    )


TICKETS = Dashboard(
    slug="tickets",
    title="Tickets and complaints / 工单与投诉",
    description="What is open, what is late, and where? 哪些未结？哪些超时？卡在哪里？",
    roles=(EXECUTIVE, ANALYST, HR),
    cross_filters=True,
    choices=(
        Choice("Kind / 类别", "kind_label", BACKLOG),
        Choice("Department / 部门", "department", BACKLOG),
        Choice("Source / 来源", "source", BACKLOG),
        Choice("Insurance / 险种", "insurance_label", CLAIMS),
    ),
    colours={
        "tickets_came": BLUE,
        "tickets_closed": GREEN,
        "open_up_to_3_days": GREEN,
        "open_4_to_7_days": SKY,
        "open_8_to_30_days": AMBER,
        "open_over_30_days": RED,
        "step_timeliness": BLUE,
        "step_timeliness_other_document": GREY,
        "claims_aged_10": GREEN,
        "claims_aged_30": SKY,
        "claims_aged_60": AMBER,
        "claims_aged_more": RED,
    },
    rows=(
        Row(6, (Cell(FRESHNESS, 12),)),
        Row(
            22,
            (
                Cell(Headline(title="Opened / 受理工单", dataset=OPENED, kpi="tickets_opened", compared=True), 2),
                Cell(
                    Headline(
                        title="Open / 未结工单", dataset=BACKLOG, kpi="open_tickets", unit="in the evening / 日末"
                    ),
                    2,
                ),
                Cell(
                    Headline(
                        title="In time / 环节及时率",
                        dataset=TIMELINESS,
                        kpi="step_timeliness",
                        unit="of steps due / 到期环节",
                    ),
                    2,
                ),
                Cell(
                    Headline(
                        title="Running late / 逾期",
                        dataset=TIMELINESS,
                        kpi="steps_running_late",
                        unit="due on the day, not done / 当日到期未完",
                    ),
                    2,
                ),
                Cell(
                    Headline(
                        title="Correct orders / 工单正确率",
                        dataset=OPENED,
                        kpi="order_correctness",
                        unit="of orders checked / 占已检工单",
                    ),
                    2,
                ),
                Cell(
                    Headline(
                        title="Satisfied / 回访满意率",
                        dataset=CALL_BACKS,
                        kpi="call_back_satisfaction",
                        unit="at the call-back / 回访时",
                    ),
                    2,
                ),
            ),
        ),
        Row(
            46,
            (
                Cell(
                    OverTime(
                        title="Open tickets in the evening by age / 日末未结工单账龄",
                        dataset=BACKLOG,
                        kpis=("open_up_to_3_days", "open_4_to_7_days", "open_8_to_30_days", "open_over_30_days"),
                        axis_title="Tickets / 工单",
                        stacked=True,
                        by_label=True,
                        number_format=",d",
                    ),
                    6,
                ),
                Cell(
                    OverTime(
                        title="Came and closed / 新增与办结",
                        dataset=BACKLOG,
                        kpis=("tickets_came", "tickets_closed"),
                        axis_title="Tickets a day / 每日工单",
                        number_format=",d",
                    ),
                    6,
                ),
            ),
        ),
        Row(
            84,
            (
                Cell(
                    Table(
                        title="Steps against their limits / 各环节时限",
                        dataset=TIMELINESS,
                        by=("step_label", "document"),
                        kpis=("variant_due", "variant_timeliness", "variant_running_late", "variant_hours"),
                        order_by="variant_due",
                        only_with="due",
                        colours=against("variant_timeliness", 0.95, 0.8),
                    ),
                    12,
                ),
            ),
        ),
        Row(
            44,
            (
                Cell(
                    OverTime(
                        title="Steps in time / 环节及时率",
                        dataset=TIMELINESS,
                        kpis=("step_timeliness", "step_timeliness_other_document"),
                        axis_title="Share / 比例",
                        number_format=".0%",
                        top=1,
                    ),
                    6,
                ),
                Cell(
                    Table(
                        title="Departments / 各部门",
                        dataset=TIMELINESS,
                        by=("department",),
                        kpis=("steps_due", "step_timeliness", "steps_running_late", "step_business_hours"),
                        order_by="steps_due",
                        only_with="lead_due",
                        colours=against("step_timeliness", 0.95, 0.8),
                    ),
                    6,
                ),
            ),
        ),
        Row(
            38,
            (
                Cell(
                    Table(
                        title="Kinds, by day of opening / 各类工单(按受理日)",
                        dataset=OPENED,
                        by=("kind_label",),
                        kpis=(
                            "tickets_opened",
                            "result_business_hours",
                            "reopening_rate",
                            "expediting_rate",
                            "hand_back_rate",
                            "duplicate_tickets",
                            "duplicates_by_agents_share",
                        ),
                        order_by="tickets_opened",
                        only_with="tickets",
                    ),
                    12,
                ),
            ),
        ),
        Row(
            43,
            (
                Cell(
                    Table(
                        title="Called back, by day of opening / 回访(按受理日)",
                        dataset=OPENED,
                        by=("kind_label",),
                        kpis=(
                            "call_back_share",
                            "call_back_share_required",
                            "order_correctness",
                            "order_correctness_against_target",
                            "key_field_correctness",
                            "key_field_correctness_against_target",
                        ),
                        order_by="call_back_share",
                        only_with="tickets",
                        colours=(
                            Colour("order_correctness_against_target", "<", (0,), PALE_AMBER),
                            Colour("key_field_correctness_against_target", "<", (0,), PALE_AMBER),
                        ),
                    ),
                    6,
                ),
                Cell(
                    Table(
                        title="When customers are called back / 回访时段",
                        dataset=CALL_BACKS,
                        by=("customer_label",),
                        kpis=(
                            "call_back_attempts",
                            "call_back_reach",
                            "call_backs_in_forbidden_hours",
                            "call_backs_against_customer_hours",
                            "call_backs_in_the_same_night",
                            "call_back_satisfaction",
                        ),
                        order_by="call_back_attempts",
                        only_with="attempts",
                        colours=(Colour("call_backs_in_forbidden_hours", ">", (0,), PALE_AMBER),),
                    ),
                    6,
                ),
            ),
        ),
        Row(
            40,
            (
                Cell(
                    Table(
                        title="Call-backs by kind / 各类回访量",
                        dataset=CALL_BACKS,
                        by=("kind_label",),
                        kpis=("call_back_attempts", "call_back_reach"),
                        shares=("call_back_attempts",),
                        order_by="call_back_attempts",
                        only_with="attempts",
                    ),
                    6,
                ),
                Cell(
                    Table(
                        title="Duplicates by agents' fault, by team and month / 各班组责任重复工单",
                        dataset=DUPLICATES,
                        by=("month_start_on", "team"),
                        kpis=("duplicates_of_agents", "duplicates_of_agents_share"),
                        order_by="latest_month",
                        only_with="duplicates_by_agents",
                        time_format="%Y-%m",
                        page_length=8,
                    ),
                    6,
                ),
            ),
        ),
        Row(
            50,
            (
                Cell(
                    OverTime(
                        title="Complaints per 1,000 contacts / 千次联络投诉量",
                        dataset=COMPLAINT_RATE,
                        kpis=("complaint_rate",),
                        axis_title="Complaints / 投诉",
                        number_format=",.0f",
                        where={"is_all_causes": True},
                    ),
                    6,
                ),
                Cell(
                    Listing(
                        title="Few causes make most complaints, by month / 各月投诉原因帕累托",
                        dataset=CAUSES,
                        columns=(
                            "month_start_on",
                            "pareto_rank",
                            "member",
                            "complaints",
                            "share_so_far",
                            "vital_label",
                        ),
                        order_by=("month_start_on", "place"),
                        where={"dimension": "cause"},
                        number_formats={"share_so_far": ".1%"},
                        page_length=6,
                    ),
                    6,
                ),
            ),
        ),
        Row(
            38,
            (
                Cell(
                    Table(
                        title="Complaints by cause / 投诉原因",
                        dataset=COMPLAINTS,
                        by=("cause",),
                        kpis=(
                            "complaints",
                            "complaints_founded_share",
                            "repeat_complaint_share",
                            "complaints_settled_at_once",
                            "corrected_share",
                            "days_to_correction",
                            "complainants_satisfied",
                        ),
                        order_by="complaints",
                        only_with="complaints",
                    ),
                    7,
                ),
                Cell(
                    Table(
                        title="Complaints by product / 投诉产品",
                        dataset=COMPLAINTS,
                        by=("product",),
                        kpis=("complaints", "complaints_founded_share", "compensation"),
                        order_by="complaints",
                        only_with="complaints",
                    ),
                    5,
                ),
            ),
        ),
        Row(
            56,
            (
                Cell(
                    Table(
                        title="Classification of complaints / 投诉分类统计表",
                        dataset=COMPLAINTS,
                        by=("kind_label", "product", "cause"),
                        kpis=(
                            *("complaints", "complaints_founded_share", "repeat_complaint_share"),
                            *("complaints_settled_at_once", "compensation", "complainants_satisfied"),
                        ),
                        order_by="complaints",
                        only_with="complaints",
                        page_length=10,
                    ),
                    12,
                ),
            ),
        ),
        Row(
            54,
            (
                Cell(
                    Table(
                        title="Outages, by month of their begin / 停电(按开始月份)",
                        dataset=OUTAGES,
                        by=("month_start_on", "planned_label"),
                        kpis=(
                            "outages",
                            "outage_information_correctness",
                            "outages_announced_in_time",
                            "plans_copied_in_time",
                            "outage_notices_confirmed",
                            "outage_reports_called_back",
                            "outage_areas_left_out",
                        ),
                        order_by="latest_month",
                        page_length=6,
                        only_with="outages",
                        colours=(
                            Colour("outage_information_correctness", "<", (0.98,), PALE_AMBER),
                            Colour("outage_areas_left_out", ">", (0,), PALE_AMBER),
                        ),
                    ),
                    12,
                ),
            ),
        ),
        Row(
            66,
            (
                Cell(
                    Listing(
                        title="Steps running late / 逾期未完环节",
                        dataset=LATE_STEPS,
                        columns=(
                            "due_local",
                            "ticket_id",
                            "kind_label",
                            "step_label",
                            "department",
                            "started_local",
                            "days_late",
                        ),
                        order_by=("days_late",),
                        only=("is_running_late",),
                        time_format="%Y-%m-%d %H:%M",
                        page_length=12,
                    ),
                    12,
                ),
            ),
        ),
        Row(28, (Cell(DEFINITIONS, 12),)),
        Row(28, (Cell(CLAIMS_DESK, 12),)),
        Row(
            22,
            (
                of_last_month("Claims opened / 立案", "claims_opened", "in the month / 当月"),
                of_last_month("Outstanding / 未决", "claims_outstanding", "at its end / 月末"),
                of_last_month("Settlement rate / 结案率", "claims_settlement_rate", "of those at hand / 占应结案件"),
                of_last_month("To settle / 结案天数", "claims_days_to_settlement", "mean days / 平均天数"),
                of_last_month("Loss ratio / 赔付率", "claims_loss_ratio", "of policies with claims / 有赔案保单"),
                of_last_month("Injuries / 人伤调查率", "claims_injury_examined", "at least 98 % / 不低于98%"),
            ),
        ),
        Row(
            44,
            (
                Cell(
                    OverTime(
                        title="Outstanding claims at the end of the month by age / 月末未决案件账龄",
                        dataset=CLAIMS,
                        time_column="month_start_on",
                        grain="P1M",
                        kpis=("claims_aged_10", "claims_aged_30", "claims_aged_60", "claims_aged_more"),
                        axis_title="Claims / 案件",
                        stacked=True,
                        by_label=True,
                        number_format=",d",
                    ),
                    6,
                ),
                Cell(
                    Table(
                        title="Insurances in the last whole month / 各险种(最近整月)",
                        dataset=CLAIMS,
                        by=("insurance_label",),
                        kpis=(
                            *(
                                "claims_opened",
                                "claims_outstanding",
                                "claims_outstanding_late",
                                "claims_settlement_rate",
                            ),
                            *("claims_settled_in_time", "claims_loss_ratio", "claims_injury_examined"),
                        ),
                        order_by="claims_opened",
                        only_with="to_be_settled",
                        colours=(
                            *against("claims_settled_in_time", 0.95, 0.8),
                            Colour("claims_injury_examined", "<", (0.98,), PALE_AMBER),
                        ),
                        where={"is_last_whole_month": True},
                    ),
                    6,
                ),
            ),
        ),
        Row(
            36,
            (
                Cell(
                    Table(
                        title="Claims by month / 各月案件",
                        dataset=CLAIMS,
                        by=("month_start_on", "through_on"),
                        kpis=(
                            *("claims_opened", "claims_settled", "claims_outstanding", "claims_outstanding_late"),
                            *("claims_settlement_rate", "claims_settled_in_time", "claims_injury_examined"),
                            "claims_frauds",
                        ),
                        order_by="latest_claims_month",
                        only_with="to_be_settled",
                        page_length=6,
                        colours=(
                            *against("claims_settled_in_time", 0.95, 0.8),
                            Colour("claims_injury_examined", "<", (0.98,), PALE_AMBER),
                        ),
                    ),
                    12,
                ),
            ),
        ),
        Row(
            36,
            (
                Cell(
                    Table(
                        title="Amounts by month / 各月金额",
                        dataset=CLAIMS,
                        by=("month_start_on",),
                        kpis=(
                            *("claims_opened_amount", "claims_paid", "claims_outstanding_amount", "claims_refused"),
                            *("claims_recovered", "claims_price_reduction", "claims_injury_reduction"),
                        ),
                        order_by="latest_claims_month",
                        only_with="to_be_settled",
                        page_length=6,
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
                        title="Longest outstanding claims / 未决最久案件",
                        dataset=OUTSTANDING_CLAIMS,
                        columns=(
                            *("claim_id", "insurance_label", "opened_on", "due_on", "days_outstanding"),
                            *("reserved_amount", "examination_label"),
                        ),
                        order_by=("days_outstanding",),
                        only=("is_outstanding",),
                        number_formats={"reserved_amount": ",.0f"},
                    ),
                    12,
                ),
            ),
        ),
    ),
)
