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
        limits.limit_seconds as allowed,
        limits.mean_seconds as usual,
        limits.robust_deviation_seconds as robust_deviation,
        limits.visits as compared_with,
        limits.is_set_by_rule,
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
    where agent_days > 0
),

sign_in_medians as (
    select
        source,
        day_local,
        count(*) as agents,
        avg(sign_ins) as mean_sign_ins,
        median(sign_ins) as median_sign_ins
    from signed_in
    group by source, day_local
),

sign_in_deviations as (
    select
        signed_in.source,
        signed_in.day_local,
        1.4826 * median(abs(signed_in.sign_ins - sign_in_medians.median_sign_ins)) as robust_deviation
    from signed_in
    inner join sign_in_medians
        on signed_in.source = sign_in_medians.source and signed_in.day_local = sign_in_medians.day_local
    group by signed_in.source, signed_in.day_local
),

-- Most agents sign in once, so that the deviation is often 0: the rule in force is the least that is unusual.
sign_in_limits as (
    select
        signed_in.source,
        signed_in.agent_id,
        signed_in.day_local,
        signed_in.sign_ins as observed,
        signed_in.most_sign_ins,
        sign_in_medians.mean_sign_ins
        + rules.limit_robust_deviations * sign_in_deviations.robust_deviation as statistical_limit,
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
        greatest(most_sign_ins, statistical_limit) as allowed,
        usual,
        robust_deviation,
        compared_with,
        coalesce(most_sign_ins >= statistical_limit, false) as is_set_by_rule,
        cast(null as varchar) as business_type_id,
        cast(null as varchar) as contact_id,
        cast(null as integer) as visit_no,
        cast(null as varchar) as raw_file_id,
        cast(null as bigint) as raw_row_number
    from sign_in_limits
    where observed > greatest(most_sign_ins, statistical_limit)
),

warnings as (
    select * from overlong
    union all
    select * from unusual_sign_ins
),

worded as (
    select
        *,
        case warning
            when 'overlong_call' then 'Talk and hold of '
            when 'overlong_wrap_up' then 'After-call work of '
            else 'Signed in '
        end
        || {{ rounded_text('observed') }} || case when contact_id is null then ' times' else ' s' end
        || ', at most ' || {{ rounded_text('allowed') }}
        || case
            when is_set_by_rule then ' by the rule in force; usual is ' || {{ rounded_text('usual', 1) }}
            else
                ': mean ' || {{ rounded_text('usual', 1) }}
                || ' + ' || {{ rounded_text('(allowed - usual) / nullif(robust_deviation, 0)', 1) }}
                || ' × robust deviation ' || {{ rounded_text('robust_deviation', 1) }}
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
        || {{ rounded_text('observed') }} || case when contact_id is null then ' 次' else ' 秒' end
        || ',上限 ' || {{ rounded_text('allowed') }}
        || case
            when is_set_by_rule then '(现行规则),通常 ' || {{ rounded_text('usual', 1) }}
            else
                ':均值 ' || {{ rounded_text('usual', 1) }}
                || ' + ' || {{ rounded_text('(allowed - usual) / nullif(robust_deviation, 0)', 1) }}
                || ' × 稳健标准差 ' || {{ rounded_text('robust_deviation', 1) }}
        end
        || case
            when contact_id is null then ',比较 ' || cast(compared_with as varchar) || ' 名坐席'
            else
                ',比较 ' || cast(compared_with as varchar) || ' 次'
                || substr(business_type_id, length(source) + 2)
        end as reason_zh
    from warnings
),

final as (
    select
        worded.source,
        worded.source || '/' || worded.warning || '/'
        || coalesce(
            worded.contact_id || '/' || cast(worded.visit_no as varchar),
            worded.agent_id || '/' || cast(worded.day_local as varchar)
        ) as warning_id,
        worded.warning,
        worded.agent_id,
        agent_days.team_id,
        agent_days.is_trainee,
        worded.day_local,
        cast(worded.observed as double) as observed,
        cast(worded.allowed as double) as allowed,
        cast(worded.usual as double) as usual,
        cast(worded.robust_deviation as double) as robust_deviation,
        cast((worded.observed - worded.usual) / nullif(worded.robust_deviation, 0) as double) as robust_score,
        cast(worded.compared_with as bigint) as compared_with,
        worded.is_set_by_rule,
        worded.reason_en,
        worded.reason_zh,
        worded.business_type_id,
        worded.contact_id,
        worded.visit_no,
        agent_days.is_simulated,
        worded.raw_file_id,
        worded.raw_row_number
    from worded
    inner join agent_days on worded.agent_id = agent_days.agent_id and worded.day_local = agent_days.day_local
)

select * from final
