"""Marts that Superset offers, with the columns and metrics that only a display needs."""

from dashboards.assets import Dataset, Derived

SERVICE_LEVEL_LABELS = {
    "service_level_abandons_counted": "Service level / 服务水平",
    "service_level_target": "Target / 目标",
    "average_speed_of_answer": "Speed of answer / 应答速度",
    "average_wait_to_abandon": "Wait to abandon / 放弃等待",
    "average_speed_of_answer_milliseconds": "Speed of answer / 应答速度",
    "average_handle_time_milliseconds": "Handle time / 处理时长",
    "source": "Source / 来源",
    "queue": "Queue / 队列",
    "day_local": "Day / 日期",
    "half_hour_label": "Half hour / 半小时",
}

TIER = Derived(
    "tier_label",
    "Tier / 客户等级",
    "case tier when 'high' then 'High / 高' when 'middle' then 'Middle / 中' when 'ordinary' then 'Ordinary / 普通' "
    "else 'Unknown / 未知' end",
)
KIND_OF_DATA = Derived(
    "kind_of_data",
    "Kind of data / 数据性质",
    "case when is_simulated then 'Simulated data / 模拟数据' else 'Real data / 真实数据' end",
)
WEEKDAY = Derived(
    "weekday_label",
    "Weekday / 星期",
    "case weekday when 1 then '1 Mon 一' when 2 then '2 Tue 二' when 3 then '3 Wed 三' when 4 then '4 Thu 四' "
    "when 5 then '5 Fri 五' when 6 then '6 Sat 六' else '7 Sun 日' end",
)
FIRST_DAY = Derived("first_day", "First day / 首日", "min(day_local)")
LAST_DAY = Derived("last_day", "Last day / 末日", "max(day_local)")

AGAINST_TARGET = {"service_level_against_target": ("service_level_abandons_counted", "service_level_target")}
SERVICE_LEVEL_LABELS["service_level_against_target"] = "Against target, points / 与目标差"

BY_DAY = Dataset(
    "service_level_by_day",
    "day_local",
    labels=SERVICE_LEVEL_LABELS,
    columns=(TIER, WEEKDAY, KIND_OF_DATA),
    metrics=(FIRST_DAY, LAST_DAY),
    differences=AGAINST_TARGET,
)
BY_INTERVAL = Dataset(
    "service_level_by_interval",
    "interval_start_local",
    labels=SERVICE_LEVEL_LABELS,
    columns=(TIER, WEEKDAY, KIND_OF_DATA),
    differences=AGAINST_TARGET,
    per_cent=("service_level_abandons_counted",),
)
WAITS = Dataset(
    "waits_by_day",
    "day_local",
    labels={"abandonment_by_wait": "Abandoned of those still waiting / 等待者中放弃占比"} | SERVICE_LEVEL_LABELS,
    columns=(
        TIER,
        Derived(
            "wait_band_seconds", "Wait in seconds / 等待秒数", "replace(replace(wait_band, ' s', ''), 'over', '>')"
        ),
    ),
    metrics=(  # Without a label: Superset draws a metric that it only sorts by, when it has one.
        Derived("wait_band_position", "", "min(wait_band_order)"),
    ),
)
EMPLOYEES = Dataset("dim_employee", database="people")

DATASETS = (BY_DAY, BY_INTERVAL, WAITS, EMPLOYEES)
