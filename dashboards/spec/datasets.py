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
BUSINESS_TYPE = Derived(
    "business_type_name", "Business type / 业务类型", "substr(business_type_id, length(source) + 2)"
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
    "aways_per_day": "Aways / 离席次数",
    "sign_ins_per_day": "Sign-ins / 签入次数",
    "conformance": "Conformance / 符合率",
    "absence_rate": "Absence / 缺勤率",
    "unknown_activity_share": "Unknown activity / 未知活动",
    "shrinkage": "Shrinkage / 缩减率",
    "training_share": "Training / 培训辅导",
    "overlong_wrap_up_share": "Over-long after-call / 超长事后",
    "busy_agent_share": "Days over 20 / 超20人天",
    "inferred_end_share": "No sign-out / 缺签出",
    "repeated_events": "Repeats / 重复",
    "events_set_right": "Clock / 校时",
    "day_local": "Day / 日期",
    "source": "Source / 来源",
}

AGENT_DAYS = Dataset(
    "agent_by_day",
    "day_local",
    labels=AGENT_LABELS,
    columns=(
        TEAM,
        AGENT,
        TRAINEE,
        TRAINEE_MARK,
        Derived(
            "pattern",
            "Shift pattern / 班制",
            "case when shift_pattern_en = shift_pattern_zh then shift_pattern_en "
            "else shift_pattern_en || ' / ' || shift_pattern_zh end",
        ),
        Derived("week", "Week from / 周起始", "strftime(date_trunc('week', day_local), '%Y-%m-%d')"),
        Derived("month", "Month / 月份", "strftime(day_local, '%Y-%m')"),
    ),
    metrics=(Derived("latest_day", "", "max(day_local)"),),
    differences={
        "occupancy_against_target": ("occupancy", "occupancy_target"),
        "utilisation_against_target": ("utilisation", "utilisation_target"),
        "adherence_against_target": ("adherence", "adherence_target"),
        "contacts_per_hour_against_target": ("contacts_per_hour", "contacts_per_hour_target"),
        "average_handle_time_against_target": ("average_handle_time", "average_handle_time_target"),
        "away_compliance_against_target": ("away_compliance", "away_compliance_target"),
    },
)
# Kind of warning → its name, and what heads a narrow column of its counts.
WARNING_KINDS = {
    "overlong_call": ("Over-long call / 超长通话", "Over-long calls / 超长通话"),
    "overlong_wrap_up": ("Over-long after-call work / 超长事后处理", "Over-long after-call / 超长事后"),
    "unusual_sign_ins": ("Unusual sign-ins / 异常签入", "Unusual sign-ins / 异常签入"),
    "hard_phone": ("Answered outside the log / 日志外接听", "Outside the log / 日志外接听"),
    "delayed_dialling": ("Delayed dialling / 拖延拨号", "Delayed dialling / 拖延拨号"),
    "no_second_dialling": ("No second dialling / 未二次拨打", "No second dialling / 未二次拨打"),
}
WARNINGS = Dataset(
    "agent_warnings",
    "day_local",
    labels={
        "day_local": "Day / 日期",
        "contact_id": "Contact / 接触编号",
        "reason_en": "Why",
        "reason_zh": "原因",
        "severity": "× limit / 上限倍数",
        "warnings": "All / 合计",
        "source": "Source / 来源",
    },
    columns=(
        TEAM,
        AGENT,
        TRAINEE,
        Derived(
            "warning_label",
            "Warning / 预警",
            "case warning "
            + " ".join(f"when '{kind}' then '{name}'" for kind, (name, _) in WARNING_KINDS.items())
            + " end",
        ),
    ),
    metrics=tuple(
        Derived(f"warnings_{kind}", heading, f"count_if(warning = '{kind}')", ",d")
        for kind, (_, heading) in WARNING_KINDS.items()
    ),
)
VISIT_LABELS = {
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
}
VISITS = Dataset("fct_queue_visit", "arrival_on", labels=VISIT_LABELS, columns=(AGENT,))
# What stands out of a visit, in the order in which it is read.
MARKS = {
    "is_overlong_call": "over-long call / 超长通话",
    "is_overlong_wrap_up": "over-long after-call / 超长事后",
    "is_transferred": "transferred / 转接",
    "is_held_over_limit": "long hold / 超时保持",
    "is_rated_unsatisfied": "rated low / 低评价",
}
AGENT_VISITS = Dataset(
    "fct_agent_visit",
    "arrival_on",
    labels={name: label for name, label in VISIT_LABELS.items() if name not in ("queue", "outcome")},
    columns=(
        TEAM,
        AGENT,
        TRAINEE,
        Derived("queue", "Queue / 队列", "substr(queue_id, length(source) + 2)"),
        Derived(
            "marks_label",
            "Stands out / 值得注意",
            "case when marks = 0 then '–' else concat_ws(' + ', "
            + ", ".join(f"case when {flag} then '{name}' end" for flag, name in MARKS.items())
            + ") end",
        ),
    ),
)
STATE_NAMES = {
    "signed_in": "Signing in / 签入",
    "ready": "Ready / 空闲",
    "ringing": "Ringing / 振铃",
    "talking": "Talking / 通话",
    "holding": "On hold / 保持",
    "wrapping_up": "After-call work / 事后处理",
    "outbound": "Outbound / 外呼",
    "training": "Training / 培训",
    "coaching": "Coaching / 辅导",
    "away": "Away / 离席",
    "meal": "Meal / 用餐",
}
TIMELINE = Dataset(
    "fct_agent_state",
    "day_local",
    labels={
        "day_local": "Day / 日期",
        "started_local": "From / 开始",
        "ended_local": "To / 结束",
        "reason": "Reason / 原因",
        "seat": "Seat / 座位",
        "source": "Source / 来源",
    },
    columns=(
        TEAM,
        AGENT,
        TRAINEE,
        Derived(
            "state_label",
            "State / 状态",
            "case state "
            + " ".join(f"when '{state}' then '{name}'" for state, name in STATE_NAMES.items())
            + " else state end",
        ),
        Derived("minutes", "Minutes / 分钟", "round(duration_seconds / 60, 1)"),
        Derived(
            "log_label",
            "Log / 日志",
            "concat_ws(' + ', case when is_inferred_start then 'no sign-in / 缺签入' when is_session_start then "
            "'signed in / 签入' end, case when is_inferred_end then 'no sign-out / 缺签出' when is_session_end then "
            "'signed out / 签出' end, case when is_repeated then 'repeated / 重复' end, case when clock_offset_seconds "
            "<> 0 then 'clock set right / 校时' end, case when is_carried_over then 'over midnight / 跨零点' end)",
        ),
        # What adherence and away rules are about; contacts and the time between them stand in lists of their own.
        Derived(
            "kind_of_state",
            "Kind of state / 状态类别",
            "case when state in ('away', 'meal', 'training', 'coaching') or is_session_start or is_session_end "
            "then 'presence' else 'service' end",
        ),
    ),
)
BUSY_AGENTS = Dataset(
    "busy_agents_by_month",
    labels={
        "month_start_on": "Month / 月份",
        "busy_agent_share_of_month": "Above 20 an hour / 每小时超20",
        "source": "Source / 来源",
    },
    columns=(TEAM, TRAINEE),
    metrics=(
        Derived("agents_judged", "Judged / 参评人数", "sum(agents)", ",d"),
        Derived("latest_month", "", "max(month_start_on)"),
    ),
)
# For export: on no page, in the chart builder.
CONTACTS = Dataset(
    "fct_contact",
    "arrival_on",
    labels={
        "arrival_on": "Day / 日期",
        "entered_local": "Entered / 进线时间",
        "contact_id": "Contact / 接触编号",
        "first_outcome": "First outcome / 首次结果",
        "last_outcome": "Outcome / 结果",
        "visits": "Visits / 排队次数",
        "wait_seconds": "Wait, s / 等待",
        "talk_seconds": "Talk, s / 通话",
        "hold_seconds": "Hold, s / 保持",
        "wrap_up_seconds": "After-call, s / 事后处理",
        "handle_seconds": "Handle, s / 处理",
        "rating": "Rating / 评价",
        "ticket_id": "Ticket / 工单编号",
        "source": "Source / 来源",
    },
    columns=(
        *(TIER, TEAM, KIND_OF_DATA, BUSINESS_TYPE),
        Derived("queue", "Queue / 队列", "substr(first_queue_id, length(source) + 2)"),
        Derived("agent", "Agent / 坐席", "nullif(substr(first_agent_id, length(source) + 2), 'unknown')"),
    ),
)
EMPLOYEES = Dataset("dim_employee", database="people")

STAFFING = Dataset(
    "staffing_by_interval",
    "half_hour_start_local",
    labels={
        "agent_hours_needed": "Needed, h / 所需工时",
        "agent_hours_present": "Present, h / 在岗工时",
        "agent_hours_under": "Short, h / 缺口工时",
        "agent_hours_over": "Over, h / 富余工时",
        "staffing_coverage": "Present of needed / 在岗占所需",
        "service_level_reached": "Reached / 实际",
        "service_level_predicted": "Predicted / 预测",
        "service_level_one_agent_more": "One agent more / 增加一人",
        "service_level_gain_of_one_agent": "Gain of one agent / 增加一人的提升",
        "occupancy_of_present": "Occupancy / 占用率",
        "queue": "Queue / 队列",
        "day_local": "Day / 日期",
        "half_hour_label": "Half hour / 半小时",
        "source": "Source / 来源",
    },
    columns=(WEEKDAY, KIND_OF_DATA),
    metrics=(
        Derived(
            "agents_needed_mean",
            "Agents needed / 所需座席",
            "sum(agents_needed_erlang_a) * 1.0 / count(distinct day_local)",
            ",.1f",
        ),
        Derived(
            "agents_needed_patient_mean",
            "Needed if nobody hung up / 无人放弃时所需",
            "sum(agents_needed_erlang_c) * 1.0 / count(distinct day_local)",
            ",.1f",
        ),
        Derived(
            "agents_present_mean",
            "Agents present / 在岗座席",
            "sum(agents_present) * 1.0 / count(distinct day_local)",
            ",.1f",
        ),
    ),
    per_cent=("staffing_coverage",),
)
# All queues together: a filter by queue says nothing of it.
POOLED_STAFFING = Dataset(
    "pooled_staffing_by_interval",
    "half_hour_start_local",
    labels={
        "agent_hours_needed_apart": "Needed, queues apart / 队列独立所需",
        "agent_hours_needed_pooled": "Needed, one pool / 全员共享所需",
        "agent_hours_present_in_all": "Present, h / 在岗工时",
        "agent_hours_short_of_pool": "Short of one pool, h / 共享仍缺",
        "pooled_staffing_coverage": "Present of one pool's / 在岗占共享所需",
        "service_level_reached_in_all": "Reached / 实际",
        "service_level_predicted_apart": "Queues apart / 队列独立预测",
        "service_level_predicted_pooled": "One pool / 全员共享预测",
        "service_level_gain_of_one_in_the_pool": "Gain of one agent / 增加一人的提升",
        "day_local": "Day / 日期",
        "half_hour_label": "Half hour / 半小时",
        "source": "Source / 来源",
    },
    columns=(WEEKDAY, KIND_OF_DATA),
    metrics=(
        Derived(
            "agents_needed_apart_mean",
            "Needed, queues apart / 队列独立所需",
            "sum(agents_needed_apart) * 1.0 / count(distinct day_local)",
            ",.1f",
        ),
        Derived(
            "agents_needed_pooled_mean",
            "Needed, one pool / 全员共享所需",
            "sum(agents_needed_pooled) * 1.0 / count(distinct day_local)",
            ",.1f",
        ),
        Derived(
            "agents_present_in_all_mean",
            "Agents present / 在岗座席",
            "sum(agents_present) * 1.0 / count(distinct day_local)",
            ",.1f",
        ),
    ),
    per_cent=("pooled_staffing_coverage",),
)


def _never_both(numerator: str, denominator: str = "") -> str:
    """Queues added up; all queues together only where no other row is in view."""

    def added(rows: str) -> str:
        ratio = f" * 1.0 / nullif(sum({denominator}){rows}, 0)" if denominator else ""
        return f"sum({numerator}){rows}{ratio}"

    return (
        f"case when bool_or(not is_all_queues) then {added(' filter (where not is_all_queues)')} else {added('')} end"
    )


def _of_one_series(column: str) -> str:
    """A bound of the day: that of all queues together, else of the only queue in view. Bounds do not add up."""
    return (
        f"case when count(*) filter (where is_all_queues) = 1 then max({column}) filter (where is_all_queues)"
        f" when count(*) = 1 then max({column}) end"
    )


def _mean_day(column: str) -> str:
    """Agents of all queues in a half hour, mean of the days of which they are known."""
    return f"sum({column}) * 1.0 / nullif(count(distinct case when {column} is not null then day_local end), 0)"


# Days ahead lie beyond every period that a page opens on: not narrowed by it.
STAFFING_AHEAD = Dataset(
    "staffing_forecast",
    labels={
        "agent_hours_rostered_needed_ahead": "To be rostered / 应排班",
        "agent_hours_needed_ahead": "Needed at work / 所需在岗",
        "agent_hours_needed_ahead_high": "Needed, upper bound / 所需上限",
        "agent_hours_scheduled": "On the roster / 已排班",
        "agent_hours_short_ahead": "Short / 缺口",
        "agent_hours_over_ahead": "Over / 富余",
        "agent_hours_present_lately": "Present lately / 近期在岗",
        "queue": "Queue / 队列",
        "half_hour_label": "Half hour / 半小时",
        "day_local": "Day / 日期",
        "source": "Source / 来源",
    },
    metrics=(
        Derived("needed_ahead", "Needed / 所需", _mean_day("agents_needed_erlang_a"), ",.1f"),
        Derived(
            "needed_ahead_high", "Needed, upper bound / 所需上限", _mean_day("agents_needed_high_erlang_a"), ",.1f"
        ),
        Derived("present_lately", "Present lately / 近期在岗", _mean_day("agents_present_lately"), ",.1f"),
        Derived(
            "scheduled_ahead", "Rostered, taking calls / 已排班接听", _mean_day("agents_scheduled_available"), ",.1f"
        ),
    ),
)
FORECAST = Dataset(
    "volume_forecast_by_day",
    labels={
        "calls_forecast": "Forecast, queues / 队列预测合计",
        "calls_came": "Came, queues / 队列实际合计",
        "queue": "Queue / 队列",
        "day_local": "Day / 日期",
        "source": "Source / 来源",
    },
    metrics=(
        Derived("came", "Came / 实际", _never_both("calls_actual"), ",.0f"),
        Derived("expected", "Forecast / 预测", _never_both("calls_expected"), ",.0f"),
        Derived("bound_low", "Lower bound, 90 % / 下限", _of_one_series("calls_low"), ",.0f"),
        Derived("bound_high", "Upper bound, 90 % / 上限", _of_one_series("calls_high"), ",.0f"),
    ),
)
FORECAST_ACCURACY = Dataset(
    "volume_forecast_accuracy",
    labels={
        "forecast_error": "Error, queues / 队列误差率",
        "interval_coverage": "Interval held, queues / 队列区间覆盖",
        "queue": "Queue / 队列",
        "source": "Source / 来源",
    },
    columns=(
        Derived(
            "judged_label",
            "Judged by / 粒度",
            "case judged_by when 'day' then 'day / 日' else 'half hour / 半小时' end",
        ),
        Derived(
            "status_label",
            "Status / 状态",
            "case status when 'forecast' then 'forecast / 已预测' else 'history too short / 历史不足' end",
        ),
    ),
    metrics=(
        Derived("error", "Error / 误差率", _never_both("absolute_error_calls", "tested_calls"), ".1%"),
        Derived(
            "error_of_naive",
            "Naive forecast / 基准误差率",
            _never_both("naive_absolute_error_calls", "tested_calls"),
            ".1%",
        ),
        Derived("bias", "Bias / 偏差", _never_both("error_calls", "tested_calls"), ".1%"),
        Derived("coverage", "Held, aim 90 % / 区间覆盖", _never_both("covering_intervals", "tested_intervals"), ".1%"),
        Derived("calls_judged", "", _never_both("tested_calls")),
    ),
)
HANDLED_BY = Derived(
    "handled_by_label",
    "Handled by / 受理方式",
    "case handled_by when 'agent' then 'agent / 人工' else 'self-service / 自助' end",
)
RESOLUTION = Dataset(
    "resolution_by_day",
    "day_local",
    labels={
        "resolvable_contacts": "Contacts / 联络量",
        "queue": "Queue / 队列",
        "day_local": "Day / 日期",
        "source": "Source / 来源",
    }
    | {f"first_contact_resolution_{days}_days": f"Settled, {days} d / {days}天解决率" for days in (1, 3, 7, 14, 30)}
    | {f"repeat_rate_{days}_days": f"Repeats, {days} d / {days}天重复率" for days in (1, 3, 7, 14, 30)},
    columns=(TIER, BUSINESS_TYPE, HANDLED_BY),
)
REPEATED = Dataset(
    "contact_resolution",
    "arrival_on",
    labels={
        "arrival_on": "Day / 日期",
        "entered_local": "Entered / 进线时间",
        "contact_id": "Contact / 接触编号",
        "customer_id": "Customer / 客户",
        "repeat_contact_id": "Came again as / 再次来电编号",
        "source": "Source / 来源",
    },
    columns=(
        TIER,
        BUSINESS_TYPE,
        HANDLED_BY,
        AGENT,
        Derived("queue", "Queue / 队列", "substr(queue_id, length(source) + 2)"),
        Derived(
            "hours_to_repeat",
            "Hours to it / 间隔小时",
            "round(date_diff('minute', entered_at, repeat_entered_at) / 60.0, 1)",
        ),
    ),
)
VOLUME_EFFECTS = Dataset(
    "volume_effects",
    labels={
        "queue": "Queue / 队列",
        "days_seen": "Days seen / 出现天数",
        "source": "Source / 来源",
    },
    columns=(
        Derived("effect_label", "What moves calls / 影响因素", "effect_en || ' / ' || effect_zh"),
        Derived("calls_change_text", "Calls / 呼入变化", "printf('%+.1f %%', 100 * calls_change)"),
        Derived(
            "interval_text",
            "95 % interval / 95%区间",
            "printf('%+.1f … %+.1f %%', 100 * calls_change_low, 100 * calls_change_high)",
        ),
        Derived(
            "reading_label",
            "Reading / 解读",
            "reading || ' / ' || "
            "case reading when 'more calls' then '增加' when 'fewer calls' then '减少' "
            "when 'too few days' then '天数太少' else '无明显差异' end",
        ),
    ),
)
TRAINEES = Dataset(
    "trainee_effects",
    labels={
        "agents_trainees": "Trainees / 见习座席",
        "cases_trainees": "Calls / 通话",
        "words_en": "Trainees against others",
        "words_zh": "与熟练座席相比",
        "source": "Source / 来源",
    },
    columns=(
        Derived("measure_label", "Measure / 指标", "label_en || ' / ' || label_zh"),
        Derived(
            "place",
            "",
            "case measure when 'average_handle_time' then 4 when 'average_talk_time' then 3"
            " when 'average_wrap_up_time' then 2 else 1 end",
        ),
    ),
)
WEATHER = Dataset(
    "calls_and_weather_by_day",
    "day_local",
    labels={
        "contacts_a_day": "Contacts a day / 联络量",
        "calls_a_day": "Calls a day / 呼入量",
        "self_served_of_entered": "Self-service / 自助占比",
        "peak_of_day": "Peak / 高峰系数",
        "highest_temperature": "Highest temperature, °C / 最高气温",
        "entered": "Contacts / 联络量",
        "offered": "Calls / 呼入量",
        "max_celsius_of_hottest": "Highest, °C / 最高气温",
        "celsius_band": "Highest temperature, from °C / 最高气温区间",
        "day_local": "Day / 日期",
        "source": "Source / 来源",
    },
    columns=(
        WEEKDAY,
        Derived("events_label", "Events / 事件", "events_en || ' / ' || events_zh"),
        Derived(
            "self_served_text", "Self-service / 自助占比", "printf('%.1f %%', 100.0 * self_served / nullif(entered, 0))"
        ),
        Derived(
            "peak_text",
            "Peak / 高峰系数",
            "printf('%.2f', busiest_half_hour_offered / nullif(mean_half_hour_offered, 0))",
        ),
    ),
)
PEAKS = Dataset(
    "peak_factor_by_month",
    labels={
        "peak_factor_half_hour": "Half hour of the day / 日内半小时",
        "peak_factor_day": "Day of the month / 月内单日",
        "month_start_on": "Month / 月份",
        "queue": "Queue / 队列",
        "source": "Source / 来源",
    },
    metrics=(Derived("latest_month", "", "max(month_start_on)"),),
)
COMPARISONS = Dataset(
    "comparisons",
    labels={
        "group_1": "First / 第一组",
        "group_2": "Second / 第二组",
        "words_en": "Result",
        "words_zh": "结果",
        "value_1_shown": "Before / 前",
        "value_2_shown": "After / 后",
        "difference_shown": "Difference / 差值",
        "interval_shown": "95 % interval / 95%区间",
        "effect_shown": "Effect size / 效应量",
        "source": "Source / 来源",
    },
    columns=(
        Derived("measure_label", "Measure / 指标", "label_en || ' / ' || label_zh"),
        Derived("test_text", "Test / 检验", "test || ', ' || p_value_shown"),
        Derived(
            "reading",
            "In words / 结论",
            "split_part(words_en, ':', 1) || ' / ' || split_part(words_zh, '：', 1)",
        ),
        Derived("cases", "n / 样本", "cases_1 || ' · ' || cases_2"),
        Derived("clarity", "Clear / 是否明显", "case when is_clear then 'yes / 是' else 'no / 否' end"),
    ),
)

HANDLING = Dataset(
    "handling_by_day",
    "day_local",
    labels={
        "answered": "Answered / 接听量",
        "average_talk_time_milliseconds": "Talk / 交谈时长",
        "average_talk_time_against_target": "Talk above target, s / 交谈与目标差",
        "talk_within_target": "Talk within / 交谈达标",
        "average_wrap_up_time_milliseconds": "After-call / 事后处理",
        "average_wrap_up_time_against_target": "After-call above target, s / 事后与目标差",
        "wrap_up_within_target": "After-call within / 事后达标",
        "average_ring_time_against_target": "Ring above target, s / 振铃与目标差",
        "ring_within_target": "Rings within / 振铃达标",
        "transfer_rate": "Transfers / 转接率",
        "transfer_rate_against_target": "Above target, points / 转接与目标差",
        "long_hold_rate": "Over the limit / 超时保持",
        "satisfaction_share": "Satisfied / 满意率",
        "rating_offer_rate": "Asked to rate / 评价邀请",
        "rating_participation": "Rated / 评价参与",
        "trainee_share": "By trainees / 新员工接听",
        "queue": "Queue / 队列",
        "day_local": "Day / 日期",
        "source": "Source / 来源",
    },
    columns=(BUSINESS_TYPE,),
    differences={
        f"{kpi}_against_target": (kpi, f"{kpi}_target")
        for kpi in ("average_talk_time", "average_wrap_up_time", "average_ring_time", "transfer_rate")
    },
)
CALL_KINDS = Dataset(
    "call_kinds_by_day",
    "day_local",
    labels={
        "calls_of_kind": "Calls / 来电量",
        "silent_call_share": "Silent / 无声",
        "nuisance_call_share": "Nuisance / 骚扰",
        "queue": "Queue / 队列",
        "day_local": "Day / 日期",
        "source": "Source / 来源",
    },
    columns=(Derived("kind_label", "Kind / 类别", "call_kind_en || ' / ' || call_kind_zh"),),
)
MISSED = Dataset(
    "missed_calls_by_day",
    "day_local",
    labels={
        "missed_calls": "Missed / 未接通",
        "missed_call_back_rate": "Called back in 24 h / 24小时回拨",
        "missed_caller_reached_rate": "Reached in 24 h / 24小时接通",
        "missed_caller_answered_later_rate": "Came again and got through / 自行再来电接通",
        "day_local": "Day / 日期",
        "source": "Source / 来源",
    },
    columns=(TIER,),
)
# Months would fall out of a period that begins within them.
CUSTOMERS = Dataset(
    "customers_by_month",
    labels={
        "customer_months": "Customer months / 客户月数",
        "customer_leaver_rate": "Leave a month / 月流失率",
        "leavers_of_small_value": "Leavers of small value / 低价值流失占比",
        "tier_change_share": "In another tier / 等级变动",
        "mean_months_on_network": "Mean months with us / 平均在网月数",
        "record_completeness": "Records complete / 资料完整",
        "company_name_completeness": "Companies named / 企业名称",
        "revenue_at_risk_share": "Revenue at risk / 预警收入",
        "month_start_on": "Month / 月份",
        "source": "Source / 来源",
    },
    columns=(
        TIER,
        Derived(
            "stage_label",
            "Stage / 生命周期",
            "case life_cycle_stage when 'recognition' then 'Recognition / 识别期' when 'growth' then 'Growth / 成长期' "
            "when 'stable' then 'Stable / 稳定期' when 'warning' then 'Warning / 预警期' "
            "when 'left' then 'Left / 已流失' else 'Unknown / 未知' end",
        ),
        Derived(
            "list_label",
            "List / 名单",
            "case customer_list when 'red' then 'Red list / 红名单' when 'black' then 'Black list / 黑名单' "
            "else 'Normal / 一般' end",
        ),
    ),
    metrics=(Derived("latest_month", "", "max(month_start_on)"),),
)
TIER_BEFORE = Derived("tier_before_label", "From / 原等级", TIER.expression.replace("case tier", "case previous_tier"))
TIER_MOVES = Dataset(
    "tier_moves_by_month",
    labels={
        "tier_moves": "Customers / 客户数",
        "month_start_on": "Month / 月份",
        "source": "Source / 来源",
    },
    columns=(TIER_BEFORE, Derived("tier_now_label", "To / 新等级", TIER.expression)),
    metrics=(Derived("latest_month", "", "max(month_start_on)"),),
)
ASKING = Dataset(
    "customers_asking_by_month",
    labels={
        "customers_asking": "Customers who asked / 咨询客户",
        "company_name_completeness_of_asking": "Companies named / 企业名称",
        "record_completeness_of_asking": "Records complete / 资料完整",
        "month_start_on": "Month / 月份",
        "source": "Source / 来源",
    },
    metrics=(Derived("latest_month", "", "max(month_start_on)"),),
)

DATASETS = (
    *(BY_DAY, BY_INTERVAL, WAITS, AGENT_DAYS, WARNINGS, VISITS, AGENT_VISITS, TIMELINE, BUSY_AGENTS),
    *(STAFFING, POOLED_STAFFING, STAFFING_AHEAD, FORECAST, FORECAST_ACCURACY, VOLUME_EFFECTS),
    *(WEATHER, PEAKS, RESOLUTION, REPEATED, COMPARISONS, TRAINEES),
    *(HANDLING, CALL_KINDS, MISSED, CUSTOMERS, TIER_MOVES, ASKING, CONTACTS, EMPLOYEES),
)
