"""Satisfaction and service risk: are customers satisfied, is the work right, and what threatens the service."""

from dashboards.assets import (
    Bars,
    Cell,
    Choice,
    Colour,
    Dashboard,
    Dataset,
    Derived,
    Headline,
    HeatMap,
    Listing,
    OverTime,
    Row,
    Table,
    Text,
)
from dashboards.roles import ANALYST, EXECUTIVE, HR
from dashboards.spec.datasets import AGENT, TEAM
from dashboards.spec.service_level import FRESHNESS
from dashboards.spec.tickets import KIND
from dashboards.theme import AMBER, BLUE, GREEN, GREY, PALE_AMBER, PALE_GREEN, PALE_RED, SKY

MEMBER = Derived(
    "member_label",
    "Member / 对象",
    "case when starts_with(member, source || '/') then substr(member, length(source) + 2) else member end",
)
DEFECT = Derived(
    "defect_label",
    "Defect / 缺陷",
    "case defect when 'person' then 'Person / 人员' when 'knowledge_gap' then 'Knowledge base / 知识库' "
    "when 'system_fault' then 'System / 系统' else defect end",
)
BUSINESS_TYPE = Derived(
    "business_type_label", "Business type / 业务类型", "substr(business_type_id, length(source) + 2)"
)

SATISFACTION_WEEKS = Dataset(
    "satisfaction_by_week",
    "week_start_on",
    labels={
        "ratings_given": "Ratings / 评价数",
        "participation": "Participation / 参与率",
        "satisfied_share": "Satisfied / 满意率",
        "satisfied_share_at_least": "If all silent were not / 未评价视为不满意",
        "satisfied_share_at_most": "If all silent were / 未评价视为满意",
        "mean_rating": "Mean / 均值",
        "net_promoter_score": "NPS / 净推荐值",
        "week_start_on": "Week / 周",
        "source": "Source / 来源",
    },
    columns=(MEMBER,),
)
CALL_BACKS = Dataset(
    "call_back_satisfaction",
    "week_start_on",
    labels={
        "call_back_participation": "Asked / 评价率",
        "call_back_satisfied_share": "Satisfied / 满意",
        "call_back_dissatisfied_share": "Dissatisfied / 不满意",
        "department": "Department / 部门",
        "source": "Source / 来源",
    },
    columns=(KIND,),
)
DRIVERS = Dataset(
    "dissatisfaction_drivers",
    labels={
        "points": "Share, points / 百分点",
        "ratings": "Ratings / 评价",
        "words_en": "Association",
        "words_zh": "关联",
        "source": "Source / 来源",
    },
    columns=(
        Derived("term_label", "Circumstance / 情形", "label_en || ' / ' || label_zh"),
        Derived("unit_label", "One unit / 一个单位", "unit_en || ' / ' || unit_zh"),
        Derived(
            "odds_text",
            "Odds × / 优势比",
            "case when odds_ratio is not null"
            " then printf('%.2f (%.2f … %.2f)', odds_ratio, odds_ratio_low, odds_ratio_high) end",
        ),
        Derived(
            "rating_text",
            "Rating / 评价分值",
            "case when rating_change is not null"
            " then printf('%+.2f (%+.2f … %+.2f)', rating_change, rating_change_low, rating_change_high) end",
        ),
        # From the highest: the first of the list is to stand first.
        Derived("place", "", "100 - term_order"),
    ),
)
REVIEWS = Dataset(
    "fct_quality_review",
    "day_local",
    labels={
        "quality_reviews": "Reviews / 质检",
        "quality_pass_rate": "Passed / 合格率",
        "quality_pass_target": "Target / 目标",
        "key_business_pass_rate": "Six types / 六类业务",
        "quality_errors": "Errors / 差错",
        "quality_errors_per_100": "Per 100 / 每百次",
        "quality_score": "Score / 得分",
        "day_local": "Day / 日期",
        "source": "Source / 来源",
    },
    columns=(
        TEAM,
        AGENT,
        BUSINESS_TYPE,
        Derived(
            "error_label",
            "Kind of error / 差错类别",
            "case error_kind when 'wrong_information' then 'Wrong information / 信息错误' "
            "when 'incomplete_record' then 'Incomplete record / 记录不完整' "
            "when 'wrong_process' then 'Wrong process / 流程错误' "
            "when 'manner' then 'Manner / 服务态度' else 'Not told / 未注明' end",
        ),
        DEFECT,
    ),
)
PASS_RATES = Dataset(
    "quality_pass_rates",
    labels={
        "month_start_on": "Month / 月",
        "reviews": "Reviews / 质检",
        "errors": "Errors / 差错",
        "pass_rate_low": "Pass rate from / 合格率下限",
        "pass_rate_high": "to / 上限",
        "pass_rank": "Rank / 名次",
        "source": "Source / 来源",
    },
    columns=(
        MEMBER,
        Derived(
            "verdict",
            "Against all others / 与其他相比",
            "case when is_clearly_below_others then 'clearly below / 明显偏低' "
            "when is_clearly_above_others then 'clearly above / 明显偏高' else 'no clear difference / 无明显差异' end",
        ),
    ),
)
LEARNING = Dataset(
    "quality_after_training",
    labels={
        "agents": "Agents / 人数",
        "pass_rate_before_training": "Before / 培训前",
        "pass_rate_after_training": "After / 培训后",
        "source": "Source / 来源",
    },
    columns=(
        Derived("course_label", "Course / 课程", "course || ', ' || kind"),
        Derived(
            "verdict_label",
            "Change / 变化",
            "case verdict when 'better' then 'better / 提高' when 'worse' then 'worse / 下降' "
            "else 'no clear difference / 无明显差异' end",
        ),
    ),
)
TRAINING = Dataset(
    "training_by_month",
    labels={
        "month_start_on": "Month / 月",
        "training_attendance": "Came / 出勤",
        "test_pass_rate": "Passed / 测试通过",
        "retest_pass_rate": "Passed the retest / 补考通过",
        "test_score": "Mean score / 均分",
        "source": "Source / 来源",
    },
    columns=(TEAM,),
    metrics=(Derived("latest_month", "", "max(month_start_on)"),),
)
FOLLOW_UP = Dataset(
    "errors_followed_up_by_month",
    labels={
        "month_start_on": "Month / 月",
        "error_follow_up_rate": "Followed up / 已跟进",
        "error_training_rate": "By a training / 再培训",
        "error_retest_rate": "By a retest / 补考",
        "source": "Source / 来源",
    },
    columns=(TEAM,),
    metrics=(
        Derived("latest_month", "", "max(month_start_on)"),
        Derived("errors_of_month", "Errors / 差错", "sum(errors_judged)", ",d"),
    ),
)
# Risks belong to the last day of a month: no period narrows them.
RISK = Dataset(
    "service_risk",
    labels={
        "assessed_risk_total": "Assessed / 评估",
        "measured_risk_total": "Measured / 实测",
        "risks_measured": "Risks / 风险项",
        "measured_probability": "Probability / 概率",
        "measured_impact": "Impact / 影响",
        "importance": "Importance / 重要性",
        "as_of_on": "Date / 日期",
        "source": "Source / 来源",
    },
    columns=(
        BUSINESS_TYPE,
        DEFECT,
        Derived(
            "probability_band",
            "Probability / 概率",
            "case when measured_probability <= 2 then '01-02' when measured_probability <= 4 then '03-04' "
            "when measured_probability <= 6 then '05-06' when measured_probability <= 8 then '07-08' else '09-10' end",
        ),
        Derived(
            "impact_band",
            "Impact / 影响",
            "case when measured_impact <= 2 then '00-02' when measured_impact <= 4 then '02-04' "
            "when measured_impact <= 6 then '04-06' when measured_impact <= 8 then '06-08' else '08-10' end",
        ),
    ),
)
DEFECTS = Dataset(
    "service_risk_by_defect",
    labels={
        "assessed_risk_of_defect": "Assessed / 评估",
        "measured_risk_of_defect": "Measured / 实测",
        "as_of_on": "Date / 日期",
        "source": "Source / 来源",
    },
    columns=(
        # Three labels below three bars: in one line each, all but one would be left out.
        Derived(
            "defect_axis_label",
            "Defect / 缺陷",
            "case defect when 'person' then 'Person' || chr(10) || '人员' "
            "when 'knowledge_gap' then 'Knowledge base' || chr(10) || '知识库' "
            "when 'system_fault' then 'System' || chr(10) || '系统' else defect end",
        ),
    ),
)
AGENT_RISK = Dataset(
    "service_risk_by_agent",
    labels={
        "risk_rank": "Rank / 名次",
        "reviews": "Reviews / 质检",
        "errors": "Errors / 差错",
        "risk_points": "Risk found / 发现风险值",
        "risk_per_review": "Per review / 每次质检",
        "source": "Source / 来源",
    },
    columns=(
        AGENT,
        # From the highest: the first of the list is to stand first.
        Derived("place", "", "-risk_rank"),
        Derived("risk_of_a_review", "Per review / 每次质检", "risk_points / reviews"),
    ),
)
DISAGREEMENTS = Dataset(
    "risk_disagreements",
    labels={
        "assessed_level": "Assessed / 评估",
        "measured_level": "Measured / 实测",
        "hits": "Found / 发现",
        "chances": "of / 共",
        "source": "Source / 来源",
    },
    columns=(
        BUSINESS_TYPE,
        DEFECT,
        Derived(
            "level_label",
            "Level of / 等级",
            "case level_of when 'defect' then 'Defect / 缺陷' when 'vulnerability' then 'Vulnerability / 脆弱性' "
            "else 'Control / 控制' end",
        ),
        Derived(
            "measure_label",
            "Measured by / 依据",
            "case measure when 'quality_errors' then 'errors found / 质检差错' "
            "when 'incidents' then 'incidents / 系统事件' "
            "when 'complaints' then 'complaints / 投诉' when 'repeats' then 'repeats / 重复来电' "
            "when 'call_backs' then 'call-backs / 回访' else 'uncorrected / 未整改' end",
        ),
        Derived(
            "verdict_label",
            "Verdict / 结论",
            "case when difference > 0 then 'assessed too low / 评估偏低' else 'assessed too high / 评估偏高' end",
        ),
        Derived("distance", "", "abs(difference)"),
    ),
)
DATASETS = (
    *(SATISFACTION_WEEKS, CALL_BACKS, DRIVERS, REVIEWS, PASS_RATES, LEARNING, TRAINING, FOLLOW_UP),
    *(RISK, DEFECTS, AGENT_RISK, DISAGREEMENTS),
)

DEFINITIONS = Text(
    "definitions",
    """\
**Satisfied / 满意率** = top two of five ÷ ratings. Who gave no rating is silent, not satisfied: the two lines around it
say what the share would be if all of the silent were dissatisfied, or satisfied.
评价为 4、5 分 ÷ 评价数。未评价者不计为满意；上下两条线为未评价者全部满意或全部不满意时的比率。

**NPS / 净推荐值**: share of promoters − share of detractors; on five points 5 against 1 to 3. 五分制中 5 分减 1–3 分。

**Odds × / 优势比**: by what the odds of a dissatisfied rating are multiplied with one unit more, all else alike:
association, not cause. 其他条件相同时，每增加一个单位不满意的优势倍数：仅为关联，并非因果。

**Rating / 评价分值**: points of the scale by which the rating changes with one unit more, all else alike, with its 95 %
interval: −0.42 for waiting is 0.42 points a minute. 其他条件相同时，每增加一个单位评价变动的分值及 95% 区间。

**Passed / 合格率** with a 95 % Wilson interval; nobody is ranked on fewer than 30 reviews.
附 95% Wilson 区间；不足 30 次不排名。

**Risk / 风险值** R = impact × probability (0.4–100): impact = importance × damage (C = defect + vulnerability − 1),
probability = control level + vulnerability, at most 10. *Assessed* by the risk office, *measured* from reviews,
complaints, repeats, incidents and call-backs of three months; while there are fewer, a date has found less.
影响 × 概率；评估值来自风险评估，实测值来自近三个月质检、投诉、重复来电、系统事件与回访；数据不足三个月时偏低。
""",
)

BY_PASS_RATE = (
    Colour("quality_pass_rate", "≥", (0.99,), PALE_GREEN),
    Colour("quality_pass_rate", "≤ x <", (0.975, 0.99), PALE_AMBER),
    Colour("quality_pass_rate", "<", (0.975,), PALE_RED),
)
OVERALL = {"dimension": "overall"}

SATISFACTION = Dashboard(
    slug="satisfaction",
    title="Satisfaction and service risk / 满意度与服务风险",
    description="Are customers satisfied, what threatens the service? 客户满意吗？风险在哪？",
    roles=(EXECUTIVE, ANALYST, HR),
    choices=(Choice("Source / 来源", "source", RISK),),
    colours={
        "satisfied_share": BLUE,
        "satisfied_share_at_least": AMBER,
        "satisfied_share_at_most": GREEN,
        "participation": GREY,
        "quality_pass_rate": BLUE,
        "key_business_pass_rate": SKY,
        "quality_pass_target": GREY,
        "assessed_risk_total": GREY,
        "measured_risk_total": AMBER,
        "measured_risk_of_defect": AMBER,
    },
    rows=(
        Row(6, (Cell(FRESHNESS, 12),)),
        Row(
            22,
            (
                Cell(
                    Headline(
                        title="Satisfied / 满意率",
                        dataset=SATISFACTION_WEEKS,
                        kpi="satisfied_share",
                        unit="of ratings / 占评价",
                        where=OVERALL,
                    ),
                    2,
                ),
                Cell(
                    Headline(
                        title="Participation / 评价参与率",
                        dataset=SATISFACTION_WEEKS,
                        kpi="participation",
                        unit="of those asked / 占邀评",
                        where=OVERALL,
                    ),
                    2,
                ),
                Cell(
                    Headline(
                        title="NPS / 净推荐值",
                        dataset=SATISFACTION_WEEKS,
                        kpi="net_promoter_score",
                        unit="promoters − detractors / 推荐减贬损",
                        where=OVERALL,
                    ),
                    2,
                ),
                Cell(
                    Headline(
                        title="Passed / 质检合格率",
                        dataset=REVIEWS,
                        kpi="quality_pass_rate",
                        unit="of the day's reviews / 当日质检",
                    ),
                    2,
                ),
                Cell(
                    Headline(
                        title="Call-backs / 回访满意率",
                        dataset=CALL_BACKS,
                        kpi="call_back_satisfied_share",
                        unit="of tickets of the week / 当周工单",
                    ),
                    2,
                ),
                Cell(
                    Table(
                        title="Risk now / 当前风险值",
                        dataset=RISK,
                        by=("as_of_on",),
                        kpis=("measured_risk_total",),
                        order_by="measured_risk_total",
                        only_with="risk_count",
                        where={"is_latest": True},
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
                        title="Satisfied by week, and what the silent could make of it / 每周满意率及未评价的影响",
                        dataset=SATISFACTION_WEEKS,
                        kpis=("satisfied_share_at_most", "satisfied_share", "satisfied_share_at_least"),
                        axis_title="Share / 比例",
                        grain="P1W",
                        number_format=".0%",
                        top=1,
                        where=OVERALL,
                    ),
                    6,
                ),
                Cell(
                    Table(
                        title="Satisfaction by business type / 各业务类型满意度",
                        dataset=SATISFACTION_WEEKS,
                        by=("member_label",),
                        kpis=("ratings_given", "participation", "satisfied_share", "mean_rating", "net_promoter_score"),
                        order_by="ratings_given",
                        only_with="answered",
                        where={"dimension": "business_type"},
                    ),
                    6,
                ),
            ),
        ),
        Row(
            76,
            (
                Cell(
                    Listing(
                        title="What goes with dissatisfaction / 与不满意相关的情形",
                        dataset=DRIVERS,
                        columns=(
                            *("term_label", "unit_label", "rating_text", "odds_text", "points"),
                            *("words_en", "words_zh"),
                        ),
                        order_by=("place",),
                        page_length=0,
                        number_formats={"points": "+,.1f"},
                    ),
                    8,
                ),
                Cell(
                    Table(
                        title="Satisfied at the call-back / 回访满意度",
                        dataset=CALL_BACKS,
                        by=("kind_label",),
                        kpis=("call_back_participation", "call_back_satisfied_share", "call_back_dissatisfied_share"),
                        order_by="call_back_satisfied_share",
                        only_with="tickets",
                    ),
                    4,
                ),
            ),
        ),
        Row(
            46,
            (
                Cell(
                    OverTime(
                        title="Reviews passed by week / 每周质检合格率",
                        dataset=REVIEWS,
                        kpis=("quality_pass_rate", "key_business_pass_rate", "quality_pass_target"),
                        axis_title="Share / 比例",
                        grain="P1W",
                        number_format=".1%",
                        from_zero=False,
                    ),
                    4,
                ),
                Cell(
                    Table(
                        title="Reviews by business type / 各业务类型质检",
                        dataset=REVIEWS,
                        by=("business_type_label",),
                        kpis=("quality_reviews", "quality_errors", "quality_pass_rate", "quality_score"),
                        order_by="quality_reviews",
                        only_with="reviewed",
                        colours=BY_PASS_RATE,
                    ),
                    4,
                ),
                Cell(
                    Table(
                        title="Errors by kind and defect / 差错类别与缺陷",
                        dataset=REVIEWS,
                        by=("error_label", "defect_label"),
                        kpis=("quality_errors",),
                        order_by="quality_errors",
                        only_with="errors",
                    ),
                    4,
                ),
            ),
        ),
        Row(
            64,
            (
                Cell(
                    Listing(
                        title="Pass rates of agents by month, with their intervals / 坐席月度合格率及区间",
                        dataset=PASS_RATES,
                        columns=(
                            *("month_start_on", "member_label", "reviews", "errors", "pass_rate_low", "pass_rate_high"),
                            *("pass_rank", "verdict"),
                        ),
                        order_by=("month_start_on", "errors"),
                        only=("is_ranked",),
                        where={"dimension": "agent"},
                        number_formats={"pass_rate_low": ".1%", "pass_rate_high": ".1%"},
                        page_length=8,
                    ),
                    8,
                ),
                Cell(
                    Table(
                        title="After trainings and tests / 培训与考试之后",
                        dataset=LEARNING,
                        by=("course_label", "verdict_label"),
                        kpis=("pass_rate_before_training", "pass_rate_after_training"),
                        order_by="pass_rate_after_training",
                        only_with="agents",
                    ),
                    4,
                ),
            ),
        ),
        Row(
            44,
            (
                Cell(
                    Table(
                        title="Trainings and tests, by month and team / 各月班组培训与测试",
                        dataset=TRAINING,
                        by=("month_start_on", "team"),
                        kpis=("training_attendance", "test_pass_rate", "retest_pass_rate", "test_score"),
                        order_by="latest_month",
                        only_with="persons",
                        time_format="%Y-%m",
                        page_length=8,
                    ),
                    7,
                ),
                Cell(
                    Table(
                        title="Errors followed by a training or retest / 差错后培训或补考",
                        dataset=FOLLOW_UP,
                        by=("month_start_on", "team"),
                        kpis=("errors_of_month", "error_follow_up_rate", "error_training_rate", "error_retest_rate"),
                        order_by="latest_month",
                        only_with="errors_judged",
                        time_format="%Y-%m",
                        page_length=8,
                    ),
                    5,
                ),
            ),
        ),
        Row(
            46,
            (
                Cell(
                    Bars(
                        title="Risk by defect, measured / 各缺陷实测风险",
                        dataset=DEFECTS,
                        kpi="measured_risk_of_defect",
                        by="defect_axis_label",
                        order_by="measured_risk_of_defect",
                        axis_title="Risk / 风险值",
                        by_title="",
                        where={"is_latest": True},
                    ),
                    4,
                ),
                Cell(
                    HeatMap(
                        title="Risks: impact ↑, probability → / 风险矩阵: 影响↑ 概率→",
                        dataset=RISK,
                        kpi="risks_measured",
                        x="probability_band",
                        y="impact_band",
                        bounds=(0, 6),
                        scheme="schemeOranges",  # many are no more good than few
                        label_every=1,
                        y_upwards=True,
                        where={"is_latest": True},
                    ),
                    4,
                ),
                Cell(
                    OverTime(
                        title="Risk over time / 风险变化",
                        dataset=RISK,
                        time_column="as_of_on",
                        kpis=("measured_risk_total", "assessed_risk_total"),
                        axis_title="Risk / 风险值",
                    ),
                    4,
                ),
            ),
        ),
        Row(
            68,
            (
                Cell(
                    Table(
                        title="Risk by business type and defect / 各业务类型与缺陷的风险",
                        dataset=RISK,
                        by=("business_type_label", "defect_label", "importance"),
                        kpis=("measured_risk_total", "assessed_risk_total"),
                        order_by="measured_risk_total",
                        only_with="risk_count",
                        page_length=10,
                        colours=(
                            Colour("measured_risk_total", "<", (15,), PALE_GREEN),
                            Colour("measured_risk_total", "≤ x <", (15, 40), PALE_AMBER),
                            Colour("measured_risk_total", "≥", (40,), PALE_RED),
                        ),
                        where={"is_latest": True},
                    ),
                    6,
                ),
                Cell(
                    Listing(
                        title="Risk found in agents' work / 坐席工作中发现的风险",
                        dataset=AGENT_RISK,
                        columns=("agent", "reviews", "errors", "risk_points", "risk_of_a_review", "risk_rank"),
                        order_by=("place",),
                        only=("is_ranked",),
                        number_formats={"risk_points": ",.0f", "risk_of_a_review": ",.2f"},
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
                        title="Where assessment and facts disagree / 评估与实测的分歧",
                        dataset=DISAGREEMENTS,
                        columns=(
                            *("business_type_label", "defect_label", "level_label", "assessed_level", "measured_level"),
                            *("measure_label", "hits", "chances", "verdict_label"),
                        ),
                        order_by=("distance", "hits"),
                        only=("is_latest",),
                    ),
                    12,
                ),
            ),
        ),
        Row(38, (Cell(DEFINITIONS, 12),)),
    ),
)
