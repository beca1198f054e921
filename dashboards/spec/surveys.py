"""Stress and satisfaction surveys: what weighs on people, what holds them, and how far the figures can be trusted."""

from dashboards.assets import Cell, Choice, Colour, Dashboard, Dataset, Derived, HeatMap, Listing, Row, Table, Text
from dashboards.roles import HR
from dashboards.spec.service_level import FRESHNESS
from dashboards.theme import PALE_AMBER, PALE_GREEN, PALE_RED, SEQUENTIAL
from hotline.privacy import GIVES_AWAY, TOO_FEW

SURVEY = Derived("survey_label", "Survey / 问卷", "survey_label_en || ' / ' || survey_label_zh")
SCALE = Derived("scale_label", "Dimension / 维度", "scale_label_en || ' / ' || scale_label_zh")
VARIABLE = Derived("variable_label", "By / 分组", "variable_label_en || ' / ' || variable_label_zh")
GROUP = Derived(
    "member_label",
    "Group / 组别",
    "case when member_label_en = member_label_zh then member_label_en "
    "else member_label_en || ' / ' || member_label_zh end",
)
# On the axis of a heat map: in the order of their numbers, and in lines, as merged groups have long names.
PLACE = Derived(
    "place_label",
    "Group / 组别",
    "(member_order + 1) || ' · ' || replace(case when member_label_en = member_label_zh then member_label_en "
    "else member_label_en || chr(10) || member_label_zh end, ' + ', chr(10) || '+ ')",
)
MEAN = Derived(
    "mean_text",
    "Mean / 均分",
    "case mean_is when 'at_least' then '≥ ' when 'at_most' then '≤ ' else '' end || printf('%.2f', mean_score)",
)


def interval(name: str, label: str, low: str, high: str, digits: int = 2) -> Derived:
    """The two ends of a 95 % interval in one cell; empty where it is not known."""
    return Derived(name, label, f"printf('%.{digits}f', {low}) || ' … ' || printf('%.{digits}f', {high})")


def in_words(name: str, label: str, column: str, words: dict[str, str]) -> Derived:
    """A column of which each of `words` is replaced by what people say."""
    said = column
    for word, spoken in words.items():
        said = f"replace({said}, '{word}', '{spoken}')"
    return Derived(name, label, said)


PEOPLE = "people"
COMMON = {
    "wave": "Wave / 批次",
    "people": "People / 人数",
    "source": "Source / 来源",
    "survey_id": "Survey / 问卷",
    "standard_deviation": "SD / 标准差",
    "score_of_100": "Of 100 / 百分制",
}
RATES = Dataset(
    "survey_response_rate",
    database=PEOPLE,
    labels=COMMON
    | {
        "sent": "Sent / 发放",
        "returned": "Returned / 回收",
        "valid_responses": "Valid / 有效",
        "returned_later": "Came later / 逾期",
        "survey_response_rate": "Returned / 回收率",
        "survey_valid_rate": "Valid / 有效率",
        "survey_valid_responses": "Valid, number / 有效份数",
    },
    columns=(SURVEY, GROUP),
)
MEANS = Dataset(
    "survey_dimensions",
    database=PEOPLE,
    labels=COMMON
    | {
        "survey_mean_score": "Mean / 均分",
        "survey_score_of_100": "Of 100 / 百分制",
        "survey_people": "People / 人数",
        "difference_to_rest": "Above the rest / 高于其余",
        "change_of_mean": "Change / 变化",
    },
    columns=(
        *(SURVEY, SCALE, VARIABLE, GROUP, PLACE, MEAN),
        Derived(
            "stressor_label",
            "Stressor / 压力源",
            "case stressor when 'manifest' then 'manifest / 显性' when 'latent' then 'latent / 隐性' "
            "when 'neither' then '–' end",
        ),
        interval("mean_interval", "95 % interval / 95% 区间", "mean_low", "mean_high"),
        interval("rest_interval", "95 % interval / 95% 区间", "difference_low", "difference_high"),
        interval("change_interval", "of the change / 变化区间", "change_low", "change_high"),
    ),
)
ITEMS = Dataset(
    "survey_items",
    database=PEOPLE,
    labels=COMMON | {"item_id": "Item / 题目", "text_en": "Wording", "text_zh": "题干", "best_rank": "Rank / 名次"},
    columns=(SURVEY, SCALE, MEAN),
)
RELIABILITY = Dataset(
    "survey_reliability",
    database=PEOPLE,
    labels=COMMON
    | {
        "items": "Items / 题数",
        "alpha": "Alpha / 信度 α",
        "omega": "Omega / 信度 ω",
        "kmo": "KMO",
        "bartlett_p_value": "Bartlett p",
        "item_id": "Item / 题目",
        "alpha_if_deleted": "Alpha without it / 删除后 α",
        "alpha_gain_if_deleted": "Gain without it / 删除后提高",
        "item_total_correlation": "With the others / 题总相关",
    },
    columns=(
        *(SURVEY, SCALE),
        interval("alpha_interval", "95 % interval / 95% 区间", "alpha_low", "alpha_high"),
        Derived("alpha_words", "Reliable? / 信度评价", "alpha_reading_en || ' / ' || alpha_reading_zh"),
        Derived("kmo_words", "For factors? / 因子适合度", "kmo_reading_en || ' / ' || kmo_reading_zh"),
    ),
)
TESTS = Dataset(
    "survey_group_tests",
    database=PEOPLE,
    labels=COMMON
    | {
        "group_count": "Groups / 组数",
        "welch_p_value": "p, Welch",
        "classic_p_value": "p, classic / 经典",
        "welch_p_value_holm": "p, Holm",
        "effect_name": "Effect / 效应量",
        "effect_size": "Size / 大小",
        "words_en": "Result",
        "words_zh": "结论",
    },
    columns=(SURVEY, SCALE, VARIABLE),
)
DRIVERS = Dataset(
    "survey_drivers",
    database=PEOPLE,
    labels=COMMON
    | {
        "pearson_r": "r",
        "beta": "Beta / 标准化系数",
        "vif": "VIF",
        "step_r_squared": "R² then / 该步 R²",
        "r_squared": "R² of all / 全模型 R²",
    },
    columns=(
        *(SURVEY, SCALE),
        Derived("entered", "Step / 步次", "case when step > 0 then step end"),
        interval("r_interval", "95 % of r / r 区间", "pearson_r_low", "pearson_r_high"),
        interval("beta_interval", "95 % of beta / β 区间", "beta_low", "beta_high"),
    ),
)
TABLES = Dataset(
    "survey_tables",
    database=PEOPLE,
    labels=COMMON
    | {
        "group_count": "Groups / 组数",
    },
    columns=(
        SURVEY,
        in_words(
            "table_label",
            "Table / 表",
            "table_name",
            {
                "all": "Everybody / 全体",
                "group": "Group / 项目组",
                "gender": "Gender / 性别",
                "age_band": "Age / 年龄",
                "tenure_band": "Tenure / 工龄",
                "education": "Education / 学历",
                "marital_status": "Marital status / 婚姻",
            },
        ),
        Derived("published_label", "Published? / 已发布", "case when is_published then 'yes / 是' else 'no / 否' end"),
        in_words(
            "reason_label",
            "Why not / 未发布原因",
            "coalesce(reason, '–')",
            {
                TOO_FEW: f"{TOO_FEW} / 人数不足",
                GIVES_AWAY: f"{GIVES_AWAY} / 可反推出小组",
            },
        ),
    ),
)
PROBLEMS = Dataset(
    "survey_problems",
    database=PEOPLE,
    labels=COMMON
    | {
        "path": "File / 文件",
        "line": "Line / 行",
        "item_id": "Item / 题目",
        "problem": "Problem / 问题",
        "answers": "Answers / 回答数",
    },
)
SURVEY_DATASETS = (RATES, MEANS, ITEMS, RELIABILITY, TESTS, DRIVERS, TABLES, PROBLEMS)

DEFINITIONS = Text(
    "definitions",
    """\
**Privacy / 隐私**: results appear once, after the wave has closed, and never change. No figure rests on fewer than five
people; small groups are merged; near the ends of the scale only a bound is told (≥ 4.60); a table that would give
somebody away together with others is withheld.
结果在批次截止后一次性发布、不再变更；不足 5 人不出分，小组合并，极端值只给界限；会泄露个人的表不发布。

**Mean / 均分**: sum of answers ÷ answers, reversed items turned first. 反向题先转换。
**Of 100 / 百分制**: mean ÷ highest answer.

**Manifest / 显性**: the mean is clearly above the middle of the scale. **Latent / 隐性**: it is not, but who suffers
from it suffers from everything else too. 显性：均值明显高于中点；隐性：均值不高，但与其余压力同升同降。

**High-stress groups / 高压群体**: above everybody else, and not by chance alone. 高于其余人且区间不含 0。

**Alpha, omega / 信度**: whether the items of a dimension measure one thing; *alpha without it* above alpha: the item
does not fit (*gain* above 0). 表示题目是否测同一内容；删除后 α 升高则该题不合。
**KMO, Bartlett**: whether a factor analysis would make sense. 是否适合因子分析。

**p, Holm**: the chance of such a difference if there were none, corrected for the number of tests. 已按检验次数校正。
**Size / 大小**: Hedges g (0.2 small, 0.5 middle, 0.8 large) of two groups, ω² (0.01, 0.06, 0.14) of more.

**Drivers / 驱动因素**: r alone, beta with all other dimensions alike; VIF above 5: dimensions say the same.
Association, not cause. The steps of a stepwise regression stand there for comparison only.
r 为单独相关，β 为其他维度相同时的影响；仅为关联，并非因果；逐步回归仅供比较。
""",
)

EVERYBODY = {"variable": "all", "is_latest": True}
LATEST = {"is_latest": True}

STRESS = "schemeOranges"
"""Much is no more good than little."""


def _means(title: str, survey: str, variable: str, scheme: str = SEQUENTIAL["id"]) -> Cell:
    """Mean scores of a survey's dimensions in its latest wave, by the groups of a variable."""
    return _scores(title, "place_label", LATEST | {"survey_id": survey, "variable": variable}, scheme)


def _waves(title: str, survey: str, scheme: str = SEQUENTIAL["id"]) -> Cell:
    """Everybody's mean scores of a survey's dimensions, wave by wave."""
    return _scores(title, "wave", {"survey_id": survey, "variable": "all"}, scheme)


def _scores(title: str, x: str, where: dict[str, str | bool], scheme: str) -> Cell:
    return Cell(
        HeatMap(
            title=title,
            dataset=MEANS,
            kpi="survey_mean_score",
            x=x,
            y="scale_label",
            bounds=(1, 5),
            scheme=scheme,
            label_every=1,
            where=where,
        ),
        6,
    )


SURVEYS = Dashboard(
    slug="surveys",
    title="Stress and satisfaction surveys / 压力与满意度调查",
    description="What weighs on people, what holds them, and how sure is it? 压力何来？满意何在？可信几何？",
    roles=(HR,),
    period=None,
    choices=(Choice("Survey / 问卷", "survey_label", MEANS), Choice("Source / 来源", "source", MEANS)),
    rows=(
        Row(6, (Cell(FRESHNESS, 12),)),
        Row(
            40,
            (
                Cell(
                    Table(
                        title="Who answered / 回收情况",
                        dataset=RATES,
                        by=("survey_label", "wave"),
                        kpis=("survey_response_rate", "survey_valid_rate", "survey_valid_responses"),
                        order_by="survey_valid_responses",
                        only_with="returned",
                        where={"variable": "all"},
                    ),
                    6,
                ),
                Cell(
                    Listing(
                        title="Who answered, by group / 各组回收情况",
                        dataset=RATES,
                        columns=("survey_label", "wave", "member_label", "sent", "returned", "valid_responses"),
                        order_by=("first_on", "member_label"),
                        page_length=0,
                        where={"variable": "group"},
                    ),
                    6,
                ),
            ),
        ),
        Row(
            64,
            (
                Cell(
                    Listing(
                        title="Dimensions, latest wave / 各维度得分（最近批次）",
                        dataset=MEANS,
                        columns=(
                            *("survey_label", "scale_label", "people", "mean_text", "mean_interval"),
                            *("standard_deviation", "score_of_100", "stressor_label", "change_of_mean"),
                            "change_interval",
                        ),
                        order_by=("survey_id", "mean_score"),
                        where=EVERYBODY,
                        page_length=0,
                        number_formats={
                            "standard_deviation": ",.2f",
                            "score_of_100": ",.1f",
                            "change_of_mean": "+,.2f",
                        },
                    ),
                    12,
                ),
            ),
        ),
        Row(
            44,
            (
                _means("Stress by group / 各组压力", "stress", "group", STRESS),
                _means("Stress by tenure / 各工龄压力", "stress", "tenure_band", STRESS),
            ),
        ),
        Row(
            44,
            (
                Cell(
                    Listing(
                        title="High-stress groups (none listed: none stands out) / 高压群体（空：无）",
                        dataset=MEANS,
                        columns=(
                            *("variable_label", "member_label", "scale_label", "people", "mean_text"),
                            *("difference_to_rest", "rest_interval"),
                        ),
                        order_by=("difference_to_rest",),
                        only=("is_high_stress", "is_latest"),
                        page_length=0,
                        number_formats={"difference_to_rest": "+,.2f"},
                    ),
                    6,
                ),
                _waves("Stress, wave by wave / 压力逐批变化", "stress", STRESS),
            ),
        ),
        Row(
            50,
            (
                _means("Satisfaction by education / 各学历满意度", "satisfaction", "education"),
                _means("Satisfaction by age / 各年龄满意度", "satisfaction", "age_band"),
            ),
        ),
        Row(
            50,
            (
                _means("Satisfaction by tenure / 各工龄满意度", "satisfaction", "tenure_band"),
                _waves("Satisfaction, wave by wave / 满意度逐批变化", "satisfaction"),
            ),
        ),
        Row(
            50,
            (
                Cell(
                    Listing(
                        title="Items, latest wave: a click on a head sorts / 各题得分（点击表头排序）",
                        dataset=ITEMS,
                        columns=(
                            *("survey_label", "item_id", "text_en", "text_zh", "scale_label", "people", "mean_text"),
                            *("standard_deviation", "score_of_100", "best_rank"),
                        ),
                        order_by=("survey_id", "mean_score"),
                        only=("is_latest",),
                        page_length=15,
                        number_formats={"standard_deviation": ",.2f", "score_of_100": ",.1f"},
                    ),
                    12,
                ),
            ),
        ),
        Row(
            46,
            (
                Cell(
                    Listing(
                        title="What goes with overall satisfaction / 与总体满意度相关的维度",
                        dataset=DRIVERS,
                        columns=(
                            *("survey_label", "scale_label", "pearson_r", "r_interval", "beta", "beta_interval", "vif"),
                            *("entered", "step_r_squared", "r_squared", "people"),
                        ),
                        order_by=("beta",),
                        only=("is_latest",),
                        page_length=0,
                        number_formats=dict.fromkeys(
                            ("pearson_r", "beta", "vif", "step_r_squared", "r_squared"), ",.2f"
                        ),
                    ),
                    12,
                ),
            ),
        ),
        Row(
            46,
            (
                Cell(
                    Listing(
                        title="Do groups differ? / 组间差异",
                        dataset=TESTS,
                        columns=(
                            *("survey_label", "variable_label", "scale_label", "group_count", "people"),
                            *("classic_p_value", "welch_p_value", "welch_p_value_holm"),
                            *("effect_name", "effect_size", "words_en", "words_zh"),
                        ),
                        order_by=("is_clear", "effect_size"),
                        only=("is_latest",),
                        number_formats=dict.fromkeys(
                            ("classic_p_value", "welch_p_value", "welch_p_value_holm", "effect_size"), ",.3f"
                        ),
                    ),
                    12,
                ),
            ),
        ),
        Row(
            60,
            (
                Cell(
                    Table(
                        title="Can the dimensions be trusted? / 信度",
                        dataset=RELIABILITY,
                        by=(
                            *("survey_label", "scale_label", "items", "people", "alpha_words", "alpha_interval"),
                            "kmo_words",
                        ),
                        kpis=("survey_alpha", "survey_omega", "survey_kmo"),
                        order_by="survey_alpha",
                        only_with="items",
                        colours=(
                            Colour("survey_alpha", "≥", (0.7,), PALE_GREEN),
                            Colour("survey_alpha", "≤ x <", (0.6, 0.7), PALE_AMBER),
                            Colour("survey_alpha", "<", (0.6,), PALE_RED),
                        ),
                        where=LATEST | {"item_id": "all"},
                    ),
                    12,
                ),
            ),
        ),
        Row(
            46,
            (
                Cell(
                    Listing(
                        title="Items that do not fit come first / 题目是否合适（不合者在前）",
                        dataset=RELIABILITY,
                        columns=(
                            *("survey_label", "scale_label", "item_id", "alpha_if_deleted", "alpha_gain_if_deleted"),
                            *("item_total_correlation", "kmo"),
                        ),
                        order_by=("alpha_gain_if_deleted",),
                        only=("is_latest", "is_item"),
                        number_formats=dict.fromkeys(("alpha_if_deleted", "item_total_correlation", "kmo"), ",.2f")
                        | {"alpha_gain_if_deleted": "+,.2f"},
                    ),
                    12,
                ),
            ),
        ),
        Row(
            40,
            (
                Cell(
                    Listing(
                        title="What privacy let through / 隐私审查结果",
                        dataset=TABLES,
                        columns=(
                            "survey_label",
                            "wave",
                            "table_label",
                            "group_count",
                            "published_label",
                            "reason_label",
                        ),
                        order_by=("first_on", "is_published"),
                        page_length=0,
                    ),
                    7,
                ),
                Cell(
                    Listing(
                        title="Answers that could not be used (none listed: none) / 无法使用的回答（空：无）",
                        dataset=PROBLEMS,
                        columns=("path", "line", "item_id", "problem", "answers"),
                        order_by=("path", "line"),
                    ),
                    5,
                ),
            ),
        ),
        Row(46, (Cell(DEFINITIONS, 12),)),
    ),
)
