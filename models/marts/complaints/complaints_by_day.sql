with register as (
    select * from {{ ref('complaint_register') }}
),

loaded_through as (
    select * from {{ ref('int_visits_loaded_through') }}
),

judged as (
    select
        register.*,
        register.is_founded and register.correction_due_on <= loaded_through.loaded_through_on as is_correction_due
    from register
    left join loaded_through on register.source = loaded_through.source
),

final as (
    select
        source,
        opened_on as day_local,
        kind,
        department,
        product,
        cause,
        bool_or(is_simulated) as is_simulated,
        cast(count(*) as bigint) as complaints,
        cast(count(is_founded) as bigint) as judged,
        cast(count(case when is_founded then 1 end) as bigint) as founded,
        cast(count(case when is_repeat then 1 end) as bigint) as repeats,
        cast(count(case when state <> 'open' then 1 end) as bigint) as closed,
        cast(count(case when is_settled_at_once then 1 end) as bigint) as settled_at_once,
        cast(count(case when escalations > 0 then 1 end) as bigint) as escalated,
        cast(count(case when reopenings > 0 then 1 end) as bigint) as reopened,
        cast(count(case when compensation_amount > 0 then 1 end) as bigint) as compensated,
        cast(coalesce(sum(compensation_amount), 0) as decimal(18, 2)) as compensation_amount,
        cast(count(case when is_correction_due then 1 end) as bigint) as corrections_due,
        cast(count(case when is_correction_due and is_corrected_in_time then 1 end) as bigint) as corrected_in_time,
        cast(count(days_to_corrective_action) as bigint) as corrected,
        coalesce(sum(days_to_corrective_action), 0) as days_to_corrective_action,
        cast(count(satisfaction) as bigint) as ratings,
        cast(count(case when satisfaction = 'satisfied' then 1 end) as bigint) as satisfied,
        cast(count(case when satisfaction = 'neutral' then 1 end) as bigint) as neutral,
        cast(count(case when satisfaction = 'dissatisfied' then 1 end) as bigint) as dissatisfied
    from judged
    group by source, opened_on, kind, department, product, cause
)

select * from final
