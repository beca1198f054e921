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
TEAM = Derived("team", "Team / 班组", "substr(team_id, length(source) + 2)")
AGENT = Derived("agent", "Agent / 坐席", "substr(agent_id, length(source) + 2)")
TRAINEE = Derived(
    "experience", "Experience / 资历", "case when is_trainee then 'Trainees / 新员工' else 'Others / 其他坐席' end"
)
TRAINEE_MARK = Derived("trainee_mark", "Trainee / 新员工", "case when is_trainee then 'yes / 是' else '' end")
AGENT_LABELS = {
    "signed_in_agents": "Agent-days / 人天",
    "answered": "Answered / 接听",
    "occupancy": "Occupancy / 占用率",
    "occupancy_against_target": "Occupancy, points / 占用率差",
    "utilisation": "Utilisation / 利用率",
    "utilisation_against_target": "Utilisation, points / 利用率差",
    "adherence": "Adherence / 遵守率",
    "adherence_against_target": "Adherence, points / 遵守率差",
    "contacts_per_hour": "Per hour / 每小时接听",
    "contacts_per_hour_against_target": "Per hour, above target / 每小时接听差",
    "average_handle_time": "Handle time, s / 处理时长",
    "average_handle_time_against_target": "Handle time, s / 处理时长差",
    "average_handle_time_milliseconds": "Handle time / 处理时长",
    "away_compliance": "Away compliance / 离席合格",
    "away_compliance_against_target": "Away, points / 离席合格差",
    "away_time_per_day_milliseconds": "Away a day / 日均离席",
    "visit_transfer_rate": "Transfers / 转接率",
    "overlong_call_share": "Over-long / 超长通话",
    "satisfaction_share": "Satisfied / 满意率",
    "signed_in_time_per_day_milliseconds": "Signed in / 日均签入",
    "day_local": "Day / 日期",
    "source": "Source / 来源",
}

AGENT_DAYS = Dataset(
    "agent_by_day",
    "day_local",
    labels=AGENT_LABELS,
    columns=(TEAM, AGENT, TRAINEE, TRAINEE_MARK),
    differences={
        "occupancy_against_target": ("occupancy", "occupancy_target"),
        "utilisation_against_target": ("utilisation", "utilisation_target"),
        "adherence_against_target": ("adherence", "adherence_target"),
        "contacts_per_hour_against_target": ("contacts_per_hour", "contacts_per_hour_target"),
        "average_handle_time_against_target": ("average_handle_time", "average_handle_time_target"),
        "away_compliance_against_target": ("away_compliance", "away_compliance_target"),
    },
)
WARNINGS = Dataset(
    "agent_warnings",
    "day_local",
    labels={
        "day_local": "Day / 日期",
        "contact_id": "Contact / 接触编号",
        "reason_en": "Why",
        "reason_zh": "原因",
        "robust_score": "Deviations / 偏离倍数",
        "source": "Source / 来源",
    },
    columns=(
        TEAM,
        AGENT,
        TRAINEE,
        Derived(
            "warning_label",
            "Warning / 预警",
            "case warning when 'overlong_call' then 'Over-long call / 超长通话' when 'overlong_wrap_up' "
            "then 'Over-long after-call work / 超长事后处理' else 'Unusual sign-ins / 异常签入' end",
        ),
    ),
)
VISITS = Dataset(
    "fct_queue_visit",
    "arrival_on",
    labels={
        "arrival_on": "Day / 日期",
        "interval_start_local": "From / 时段",
        "contact_id": "Contact / 接触编号",
        "queue": "Queue / 队列",
        "outcome": "Outcome / 结果",
        "wait_seconds": "Wait, s / 等待",
        "talk_seconds": "Talk, s / 通话",
        "hold_seconds": "Hold, s / 保持",
        "wrap_up_seconds": "After-call, s / 事后处理",
        "handle_seconds": "Handle, s / 处理",
        "rating": "Rating / 评价",
        "source": "Source / 来源",
    },
    columns=(AGENT,),
)
EMPLOYEES = Dataset("dim_employee", database="people")

DATASETS = (BY_DAY, BY_INTERVAL, WAITS, AGENT_DAYS, WARNINGS, VISITS, EMPLOYEES)
