"""Turnover: the page for HR: who leaves, how soon, why, at what cost, and what goes with it."""

from dashboards.assets import (
    Cell,
    Choice,
    Colour,
    Dashboard,
    Dataset,
    Derived,
    Listing,
    OverTime,
    Profile,
    Row,
    Table,
    Text,
)
from dashboards.roles import HR
from dashboards.spec.service_level import FRESHNESS
from dashboards.theme import AMBER, BLUE, GREEN, GREY, PALE_AMBER, PALE_GREEN, PALE_RED, RED, SKY

LABELS = {"source": "Source / 来源", "month_start_on": "Month / 月份", "team_id": "Team / 班组", "job": "Job / 岗位"}
KIND = Derived(
    "kind_label",
    "Kind / 类型",
    "case leave_kind when 'voluntary' then 'Own wish / 主动' when 'involuntary' then 'Dismissed / 被动' "
    "when 'other' then 'Other / 其他' else 'Not said / 未说明' end",
)
DIMENSION = Derived(
    "dimension_label",
    "By / 维度",
    "case dimension when 'team_id' then 'Team / 班组' when 'site' then 'Site / 职场' when 'job' then 'Job / 岗位' "
    "when 'gender' then 'Gender / 性别' when 'age_band' then 'Age / 年龄' when 'tenure_band' then 'Tenure / 工龄' "
    "when 'pay_band' then 'Pay and market / 薪酬与市场' when 'contract' then 'Contract / 合同' "
    "when 'education' then 'Education / 学历' else dimension end",
)

# The order of months, from the newest.
NEWEST = Derived("newest", "", "max(month_start_on)")

# Months, and not days: no page's period narrows them.
MONTHS = Dataset(
    "turnover_by_month",
    database="people",
    labels=LABELS
    | {
        "member": "Member / 组别",
        "employees_at_month_end": "Employees / 月末人数",
        "leavers": "Leavers / 离职",
        "hires": "Hires / 入职",
        "turnover_rate": "Month / 月流失率",
        "turnover_rate_annualised": "Annualised / 年化",
        "turnover_rate_12_months": "Of 12 months / 滚动12个月",
        "voluntary_turnover_rate_12_months": "Own wish, 12 months / 主动12个月",
        "voluntary_share_of_leavers": "Own wish / 主动占比",
        "stability": "Still here after 12 months / 稳定率",
    },
    columns=(DIMENSION,),
    metrics=(
        Derived(
            "leavers_of_12_months",
            "Leavers, 12 months / 12个月离职",
            "sum(leavers_12_months)",
            ",d",
        ),
    ),
)
REASONS = Dataset(
    "turnover_reasons",
    database="people",
    labels=LABELS
    | {
        "leave_reason": "Reason / 原因",
        "leavers_under_2_years_share": "Under 2 years / 两年内",
        "mean_tenure_of_leavers": "Mean tenure, months / 平均工龄(月)",
        "leavers_over_pay_share": "Over pay / 因薪酬",
    },
    columns=(KIND,),
    metrics=(Derived("leavers_counted", "Leavers / 离职", "sum(leavers)", ",d"),),
)
NEW_HIRES = Dataset(
    "new_hire_turnover",
    database="people",
    labels=LABELS
    | {
        "month_start_on": "Hired in / 入职月份",
        "new_hire_turnover_30_days": "Within 30 days / 30天内",
        "new_hire_turnover_90_days": "Within 90 days / 90天内",
        "new_hire_turnover_180_days": "Within 180 days / 180天内",
        "new_hire_turnover_365_days": "Within 365 days / 365天内",
    },
    metrics=(Derived("hires_counted", "Hires / 入职", "sum(hires)", ",d"), NEWEST),
)
COST = Dataset(
    "turnover_cost",
    database="people",
    labels=LABELS | {"turnover_cost": "Cost / 成本", "turnover_cost_per_leaver": "Per leaver / 人均"},
    metrics=(
        Derived("leavers_paid_for", "Leavers / 离职", "sum(leavers)", ",d"),
        Derived("training_paid", "Training / 培训", "sum(training_cost)", ",.0f"),
        Derived("vacancy_paid", "Vacancy / 空缺", "sum(vacancy_cost)", ",.0f"),
        Derived("ramp_up_paid", "Ramp-up / 成长期", "sum(ramp_up_cost)", ",.0f"),
        NEWEST,
    ),
)
TENURE = Dataset(
    "tenure_survival",
    database="people",
    labels={"source": "Source / 来源", "tenure_months": "Months of tenure / 在职月数", "member": "Member / 组别"},
    columns=(DIMENSION,),
    metrics=(
        Derived("staying", "Still there / 留任", "avg(survival)", ".0%"),
        Derived("staying_low", "At least, 95 % / 下限", "avg(survival_low)", ".0%"),
        Derived("staying_high", "At most, 95 % / 上限", "avg(survival_high)", ".0%"),
        Derived("observed", "Observed / 观察人数", "sum(at_risk)", ",d"),
    ),
)
TENURE_TESTS = Dataset(
    "tenure_survival_tests",
    database="people",
    labels={
        "source": "Source / 来源",
        "members": "Groups / 组数",
        "persons": "Persons / 人数",
        "leavers": "Leavers / 离职",
        "chi_square": "χ² / 卡方",
        "p_value": "p / p值",
    },
    columns=(
        DIMENSION,
        Derived(
            "verdict_label",
            "In words / 结论",
            "case when is_clear then 'they differ / 有差异' else 'no clear difference / 无明显差异' end",
        ),
    ),
)
HAZARDS = Dataset(
    "leaving_hazards",
    database="people",
    labels={
        "source": "Source / 来源",
        "member": "Value / 取值",
        "hazard_ratio": "Times as likely / 风险比",
        "hazard_ratio_low": "From / 下限",
        "hazard_ratio_high": "To / 上限",
        "p_value": "p / p值",
        "persons": "Persons / 人数",
        "leavers": "Leavers / 离职",
    },
    columns=(
        Derived(
            "trait_label",
            "Trait / 特征",
            "case trait when 'tenths_under_market' then 'Pay, a tenth below the market / 薪酬低于市场10%' "
            "when 'age_decades' then 'Age, ten years more / 年长10岁' when 'gender' then 'Gender / 性别' "
            "when 'job' then 'Job / 岗位' when 'site' then 'Site / 职场' when 'contract' then 'Contract / 合同' "
            "when 'rehired' then 'Hired again / 再入职' when 'all' then 'Too few leavers / 离职人数不足' "
            "else trait end",
        ),
        Derived(
            "hazard_words",
            "In words / 结论",
            "case when status <> 'estimated' then 'too few to tell / 数据不足' "
            "when not is_clear then 'no clear difference / 无明显差异' "
            "when hazard_ratio > 1 then 'leaves sooner / 更早离职' else 'stays longer / 留任更久' end "
            "|| case when is_changing_with_tenure then '; not at all tenures alike / 随工龄变化' else '' end",
        ),
    ),
)
LAGS = Dataset(
    "service_and_turnover_lags",
    database="people",
    labels={
        "source": "Source / 来源",
        "lag_months": "Months later / 滞后月数",
        "team_months": "Team months / 班组月数",
        "pearson_r": "r / 相关系数",
        "pearson_r_low": "From / 下限",
        "pearson_r_high": "To / 上限",
    },
    columns=(
        Derived(
            "measure_label",
            "Turnover goes with / 与流失率相关的",
            "case measure when 'staffing' then 'Planned hours per head / 人均排班工时' "
            "when 'presence' then 'Present of planned / 出勤占排班' "
            "when 'service_level' then 'Service level of the centre / 中心服务水平' else 'Satisfaction / 满意率' end",
        ),
        Derived(
            "verdict_label",
            "In words / 结论",
            "case when pearson_r is null then 'too few to tell / 数据不足' when not is_clear then "
            "'nothing clear / 无明显关联' when pearson_r > 0 then 'higher together / 同升' "
            "else 'lower with it / 反向' end",
        ),
        Derived("place", "", "-lag_months"),
    ),
)
TURNOVER_DATASETS = (MONTHS, REASONS, NEW_HIRES, COST, TENURE, TENURE_TESTS, HAZARDS, LAGS)

DEFINITIONS = Text(
    "definitions",
    """\
**Turnover of a month / 月流失率** = leavers ÷ mean of the headcount at the end of each day. Transfers are no leavers,
who comes back begins a new spell. **12 months / 滚动12个月** = leavers of twelve months ÷ mean of the twelve monthly
averages; **annualised / 年化** = month × 12. 离职人数 ÷ 日均在职人数；调岗不计离职，再入职为新周期。

**Leavers nobody reported / 未申报离职**: who is missing from a whole snapshot left before it, kind *not said*.
名册中消失者视为在前一日离职，类型为"未说明"。

**Still there / 留任曲线** (Kaplan–Meier): the share that stays longer than so many months. Who is still employed
counts as long as observed; who was hired before the records begin only from then on. The outer lines hold the true
share with 95 %; where few are observed they are far apart.
留任超过若干月的比例；在职者按已观察时长计入；外侧线为95%区间。

**Do the curves differ / 组间差异** (log-rank): p is the chance of so large a difference if all stayed alike; of
twenty such tests one is below 0.05 by chance. p 为无差异时出现该差异的概率。

**Times as likely / 风险比** (Cox): how many times as likely leaving is at any tenure, all other traits alike.
Association, not cause. 其他特征相同时的离职风险倍数；仅为关联，并非因果。

**Turnover and service / 流失与服务**: r between a team's turnover and what came so many months later, both held
against the team's own mean; neighbouring months are alike, so that intervals are too narrow rather than too wide.
Association, not cause. 班组流失率与其后各月指标的相关（组内离差）；仅为关联，并非因果。

**Cost / 成本**: training of the successor, the vacancy, and the months until the work is done as before (seed
`turnover_costs`: figures to be replaced by your own). 培训、空缺与成长期成本，参数见种子表。
""",
)

BY_12_MONTHS = (
    Colour("turnover_rate_12_months", "<", (0.25,), PALE_GREEN),
    Colour("turnover_rate_12_months", "≤ x <", (0.25, 0.39), PALE_AMBER),
    Colour("turnover_rate_12_months", "≥", (0.39,), PALE_RED),
)


def _by(dimension: str, title: str) -> Table:
    """Turnover of the newest month and of twelve months by one way of dividing the staff."""
    return Table(
        title=title,
        dataset=MONTHS,
        by=("member",),
        kpis=("employees_at_month_end", "leavers_of_12_months", "turnover_rate_12_months"),
        order_by="turnover_rate_12_months",
        only_with="headcount_days",
        colours=BY_12_MONTHS,
        where={"dimension": dimension, "is_latest": True},
    )


TURNOVER = Dashboard(
    slug="turnover",
    title="Turnover / 人员流失",
    description="Who leaves, how soon, why, at what cost, and what goes with it? 谁离职、多快、为何、代价与影响？",
    roles=(HR,),
    period=None,
    choices=(Choice("Source / 来源", "source", MONTHS),),
    colours={
        "turnover_rate_12_months": BLUE,
        "voluntary_turnover_rate_12_months": AMBER,
        "turnover_rate_annualised": GREY,
        "hires": GREEN,
        "leavers": RED,
        "staying": BLUE,
        "staying_low": SKY,
        "staying_high": SKY,
    },
    rows=(
        Row(6, (Cell(FRESHNESS, 12),)),
        Row(
            16,
            (
                Cell(
                    Table(
                        title="The last whole month / 最近完整月份",
                        dataset=MONTHS,
                        by=("month_start_on",),
                        kpis=(
                            *("employees_at_month_end", "hires", "leavers", "turnover_rate"),
                            *("turnover_rate_annualised", "turnover_rate_12_months"),
                            *("voluntary_turnover_rate_12_months", "stability"),
                        ),
                        order_by="employees_at_month_end",
                        only_with="headcount_days",
                        colours=BY_12_MONTHS,
                        time_format="%Y-%m",
                        where={"dimension": "all", "is_latest": True},
                    ),
                    12,
                ),
            ),
        ),
        Row(
            46,
            (
                Cell(
                    OverTime(
                        title="Turnover of twelve months / 滚动12个月流失率",
                        dataset=MONTHS,
                        kpis=(
                            "turnover_rate_12_months",
                            "voluntary_turnover_rate_12_months",
                            "turnover_rate_annualised",
                        ),
                        axis_title="Leavers of a year / 年流失",
                        grain="P1M",
                        time_column="month_start_on",
                        number_format=".0%",
                        where={"dimension": "all"},
                    ),
                    6,
                ),
                Cell(
                    OverTime(
                        title="Hires and leavers / 入职与离职",
                        dataset=MONTHS,
                        kpis=("hires", "leavers"),
                        axis_title="Persons / 人数",
                        grain="P1M",
                        time_column="month_start_on",
                        number_format=",d",
                        where={"dimension": "all"},
                    ),
                    6,
                ),
            ),
        ),
        Row(
            32,
            (
                Cell(_by("team_id", "By team / 各班组"), 6),
                Cell(_by("tenure_band", "By tenure / 各工龄段"), 6),
            ),
        ),
        Row(
            32,
            (
                Cell(_by("age_band", "By age / 各年龄段"), 6),
                Cell(_by("pay_band", "By pay against the market / 薪酬与市场"), 6),
            ),
        ),
        Row(
            46,
            (
                Cell(
                    Table(
                        title="Why they left / 离职原因",
                        dataset=REASONS,
                        by=("kind_label", "leave_reason"),
                        kpis=("leavers_counted", "leavers_under_2_years_share", "mean_tenure_of_leavers"),
                        order_by="leavers_counted",
                        only_with="leavers",
                        number_formats={"mean_tenure_of_leavers": ",.1f"},
                    ),
                    6,
                ),
                Cell(
                    Table(
                        title="What it costs / 流失成本",
                        dataset=COST,
                        by=("month_start_on",),
                        kpis=("leavers_paid_for", "training_paid", "vacancy_paid", "ramp_up_paid", "turnover_cost"),
                        order_by="newest",
                        only_with="leavers",
                        time_format="%Y-%m",
                    ),
                    6,
                ),
            ),
        ),
        Row(
            50,
            (
                Cell(
                    Table(
                        title="New hires who left within / 新员工离职率",
                        dataset=NEW_HIRES,
                        by=("month_start_on",),
                        kpis=(
                            "hires_counted",
                            *(f"new_hire_turnover_{days}_days" for days in (30, 90, 180, 365)),
                        ),
                        order_by="newest",
                        only_with="hires",
                        time_format="%Y-%m",
                    ),
                    6,
                ),
                Cell(
                    Profile(
                        title="How long people stay / 留任曲线",
                        dataset=TENURE,
                        kpis=("staying_high", "staying", "staying_low"),
                        by="tenure_months",
                        axis_title="Still there / 留任",
                        by_title="Months of tenure / 在职月数",
                        top=1,
                        where={"dimension": "all"},
                    ),
                    6,
                ),
            ),
        ),
        Row(
            46,
            (
                Cell(
                    Listing(
                        title="Do groups stay as long as others / 各组留任差异",
                        dataset=TENURE_TESTS,
                        columns=(
                            "dimension_label",
                            "members",
                            "persons",
                            "leavers",
                            "chi_square",
                            "p_value",
                            "verdict_label",
                        ),
                        order_by=("chi_square",),
                        page_length=0,
                        number_formats={"chi_square": ",.1f", "p_value": ",.3f"},
                    ),
                    6,
                ),
                Cell(
                    Listing(
                        title="What goes with leaving / 与离职相关的特征",
                        dataset=HAZARDS,
                        columns=(
                            *("trait_label", "member", "hazard_ratio", "hazard_ratio_low", "hazard_ratio_high"),
                            *("p_value", "hazard_words"),
                        ),
                        order_by=("hazard_ratio",),
                        page_length=0,
                        number_formats=dict.fromkeys(("hazard_ratio", "hazard_ratio_low", "hazard_ratio_high"), ",.2f")
                        | {"p_value": ",.3f"},
                    ),
                    6,
                ),
            ),
        ),
        Row(
            60,
            (
                Cell(
                    Listing(
                        title="What comes after turnover, of teams / 班组流失之后",
                        dataset=LAGS,
                        columns=(
                            *("measure_label", "lag_months", "team_months", "pearson_r", "pearson_r_low"),
                            *("pearson_r_high", "verdict_label"),
                        ),
                        order_by=("measure_label", "place"),
                        page_length=0,
                        number_formats=dict.fromkeys(("pearson_r", "pearson_r_low", "pearson_r_high"), "+,.2f"),
                    ),
                    12,
                ),
            ),
        ),
        Row(46, (Cell(DEFINITIONS, 12),)),
    ),
)
