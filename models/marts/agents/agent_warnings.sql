with visits as (
    select
        *,
        talk_seconds + coalesce(hold_seconds, 0) as call_seconds
    from {{ ref('fct_queue_visit') }} as visits
    where is_answered and {{ only_rebuilt_days('visits', 'arrival_on') }}
),

limits as (
    select * from {{ ref('handling_limits_by_day') }} as limits
    where limit_seconds is not null and {{ only_rebuilt_days('limits', 'day_local') }}
),

agent_days as (
    select * from {{ ref('agent_by_day') }} as agent_days
    where {{ only_rebuilt_days('agent_days', 'day_local') }}
),

findings as (
    select * from {{ ref('soft_phone_findings') }} as findings
    where {{ only_rebuilt_days('findings', 'day_local') }}
),

rules as (
    select * from {{ ref('int_agent_rules_by_day') }}
),

overlong as (
    select
        visits.source,
        visits.agent_id,
        visits.arrival_on as day_local,
        case limits.measure when 'call' then 'overlong_call' else 'overlong_wrap_up' end as warning,
        case limits.measure when 'call' then visits.call_seconds else visits.wrap_up_seconds end as observed,
        limits.limit_by_rule_seconds as limit_by_rule,
        limits.limit_by_statistic_seconds as limit_by_statistic,
        limits.mean_seconds as usual,
        limits.robust_deviation_seconds as robust_deviation,
        limits.visits as compared_with,
        visits.business_type_id,
        visits.contact_id,
        visits.visit_no,
        visits.raw_file_id,
        visits.raw_row_number
    from visits
    inner join limits
        on
            visits.source = limits.source
            and visits.business_type_id = limits.business_type_id
            and visits.arrival_on = limits.day_local
    where
        case limits.measure when 'call' then visits.call_seconds else visits.wrap_up_seconds end > limits.limit_seconds
),

signed_in as (
    select * from agent_days
    where duties > 0
),

sign_in_medians as (
    select
        source,
        day_local,
        count(*) as agents,
        avg(duty_sign_ins) as mean_sign_ins,
        median(duty_sign_ins) as median_sign_ins
    from signed_in
    group by source, day_local
),

sign_in_deviations as (
    select
        signed_in.source,
        signed_in.day_local,
        1.4826 * median(abs(signed_in.duty_sign_ins - sign_in_medians.median_sign_ins)) as robust_deviation
    from signed_in
    inner join sign_in_medians
        on signed_in.source = sign_in_medians.source and signed_in.day_local = sign_in_medians.day_local
    group by signed_in.source, signed_in.day_local
),

-- Most agents sign in once, so that the deviation is often 0: the rule alone then says what is unusual.
sign_in_limits as (
    select
        signed_in.source,
        signed_in.agent_id,
        signed_in.day_local,
        signed_in.duty_sign_ins as observed,
        signed_in.most_sign_ins as limit_by_rule,
        case
            when sign_in_deviations.robust_deviation > 0
                then
                    sign_in_medians.mean_sign_ins
                    + rules.limit_robust_deviations * sign_in_deviations.robust_deviation
        end as limit_by_statistic,
        sign_in_medians.mean_sign_ins as usual,
        sign_in_deviations.robust_deviation,
        sign_in_medians.agents as compared_with
    from signed_in
    inner join sign_in_medians
        on signed_in.source = sign_in_medians.source and signed_in.day_local = sign_in_medians.day_local
    inner join sign_in_deviations
        on signed_in.source = sign_in_deviations.source and signed_in.day_local = sign_in_deviations.day_local
    left join rules on signed_in.source = rules.source and signed_in.day_local = rules.date_day
),

unusual_sign_ins as (
    select
        source,
        agent_id,
        day_local,
        'unusual_sign_ins' as warning,
        observed,
        limit_by_rule,
        limit_by_statistic,
        usual,
        robust_deviation,
        compared_with,
        cast(null as varchar) as business_type_id,
        cast(null as varchar) as contact_id,
        cast(null as integer) as visit_no,
        cast(null as varchar) as raw_file_id,
        cast(null as bigint) as raw_row_number
    from sign_in_limits
    where coalesce(observed > limit_by_rule, false) or coalesce(observed > limit_by_statistic, false)
),

seen as (
    select * from overlong
    union all
    select * from unusual_sign_ins
),

warnings as (
    select
        *,
        coalesce(observed > limit_by_rule, false) as is_above_rule,
        coalesce(observed > limit_by_statistic, false) as is_above_statistic,
        least(coalesce(limit_by_rule, limit_by_statistic), coalesce(limit_by_statistic, limit_by_rule)) as allowed
    from seen
),

worded as (
    select
        *,
        case warning
            when 'overlong_call' then 'Talk and hold of '
            when 'overlong_wrap_up' then 'After-call work of '
            else 'Signed in '
        end
        || {{ rounded_text('observed') }} || case when contact_id is null then ' times, ' else ' s, ' end
        || case
            when is_above_rule
                then 'at most ' || {{ rounded_text('limit_by_rule') }} || ' by the rule in force'
            else ''
        end
        || case when is_above_rule and is_above_statistic then ' and ' else '' end
        || case
            when is_above_statistic
                then
                    'at most ' || {{ rounded_text('limit_by_statistic') }} || ' by the statistic: mean '
                    || {{ rounded_text('usual', 1) }} || ' + '
                    || {{ rounded_text('(limit_by_statistic - usual) / robust_deviation', 1) }}
                    || ' × robust deviation ' || {{ rounded_text('robust_deviation', 1) }}
            else '; usual is ' || {{ rounded_text('usual', 1) }}
        end
        || case
            when contact_id is null then ', over ' || cast(compared_with as varchar) || ' agents'
            else
                ', over ' || cast(compared_with as varchar) || ' visits of '
                || substr(business_type_id, length(source) + 2)
        end as reason_en,
        case warning
            when 'overlong_call' then '通话与保持 '
            when 'overlong_wrap_up' then '事后处理 '
            else '签入 '
        end
        || {{ rounded_text('observed') }} || case when contact_id is null then ' 次，' else ' 秒，' end
        || case
            when is_above_rule then '现行规则上限 ' || {{ rounded_text('limit_by_rule') }}
            else ''
        end
        || case when is_above_rule and is_above_statistic then '，' else '' end
        || case
            when is_above_statistic
                then
                    '统计上限 ' || {{ rounded_text('limit_by_statistic') }} || '：均值 '
                    || {{ rounded_text('usual', 1) }} || ' + '
                    || {{ rounded_text('(limit_by_statistic - usual) / robust_deviation', 1) }}
                    || ' × 稳健标准差 ' || {{ rounded_text('robust_deviation', 1) }}
            else '，通常 ' || {{ rounded_text('usual', 1) }}
        end
        || case
            when contact_id is null then '，比较 ' || cast(compared_with as varchar) || ' 名坐席'
            else
                '，比较 ' || cast(compared_with as varchar) || ' 次'
                || substr(business_type_id, length(source) + 2)
        end as reason_zh
    from warnings
),

worded_findings as (
    select
        source,
        agent_id,
        day_local,
        finding as warning,
        observed_seconds as observed,
        allowed_seconds as limit_by_rule,
        cast(null as double) as limit_by_statistic,
        cast(null as double) as usual,
        cast(null as double) as robust_deviation,
        cast(null as bigint) as compared_with,
        business_type_id,
        contact_id,
        visit_no,
        raw_file_id,
        raw_row_number,
        true as is_above_rule,
        false as is_above_statistic,
        allowed_seconds as allowed,
        case finding
            when 'hard_phone'
                then
                    'Answered without a talk in the log within ' || {{ rounded_text('allowed_seconds') }}
                    || ' s: keys of a hard phone, or a gap of the log'
            when 'delayed_dialling'
                then
                    'Dialled ' || {{ rounded_text('observed_seconds') }} || ' s after going outbound, at most '
                    || {{ rounded_text('allowed_seconds') }} || ' by the rule in force'
            else
                'Not reached and not dialled again within ' || {{ rounded_text('allowed_seconds') }} || ' s'
                || case
                    when observed_seconds is null then ''
                    else '; the next attempt came after ' || {{ rounded_text('observed_seconds') }} || ' s'
                end
        end as reason_en,
        case finding
            when 'hard_phone'
                then
                    '接听前后 ' || {{ rounded_text('allowed_seconds') }}
                    || ' 秒内日志无通话：或用硬话机按键，或日志缺失'
            when 'delayed_dialling'
                then
                    '进入外呼 ' || {{ rounded_text('observed_seconds') }} || ' 秒后才拨号，现行规则上限 '
                    || {{ rounded_text('allowed_seconds') }}
            else
                '未接通，' || {{ rounded_text('allowed_seconds') }} || ' 秒内未二次拨打'
                || case
                    when observed_seconds is null then ''
                    else '；下次拨打在 ' || {{ rounded_text('observed_seconds') }} || ' 秒后'
                end
        end as reason_zh
    from findings
),

all_worded as (
    select * from worded
    union all
    select * from worded_findings
),

named as (
    select
        all_worded.*,
        all_worded.source || '/' || all_worded.warning || '/'
        || coalesce(
            all_worded.contact_id || '/' || cast(all_worded.visit_no as varchar),
            all_worded.agent_id || '/' || cast(all_worded.day_local as varchar)
        ) as warning_id,
        coalesce(all_worded.observed / greatest(all_worded.allowed, 1), 1) as severity,
        agent_days.team_id,
        agent_days.is_trainee,
        agent_days.is_simulated
    from all_worded
    inner join agent_days
        on all_worded.agent_id = agent_days.agent_id and all_worded.day_local = agent_days.day_local
),

final as (
    select
        source,
        warning_id,
        warning,
        agent_id,
        team_id,
        is_trainee,
        day_local,
        cast(observed as double) as observed,
        cast(allowed as double) as allowed,
        cast(limit_by_rule as double) as limit_by_rule,
        cast(limit_by_statistic as double) as limit_by_statistic,
        is_above_rule,
        is_above_statistic,
        cast(severity as double) as severity,
        row_number() over (
            partition by source, day_local, warning
            order by severity desc, warning_id asc
        ) as rank_of_day,
        cast(usual as double) as usual,
        cast(robust_deviation as double) as robust_deviation,
        cast((observed - usual) / nullif(robust_deviation, 0) as double) as robust_score,
        cast(compared_with as bigint) as compared_with,
        reason_en,
        reason_zh,
        business_type_id,
        contact_id,
        visit_no,
        is_simulated,
        raw_file_id,
        raw_row_number
    from named
)

select * from final
