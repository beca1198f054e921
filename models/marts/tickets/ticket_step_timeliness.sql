-- A step that is still running may have come to be late without any change.
with steps as (
    select * from {{ ref('fct_ticket_step') }} as steps
    where
        {{ on_changed_days(
            'steps', 'day_local', ref('fct_ticket_step'), also="state in ('running', 'running_late')"
        ) }}
),

labels as (
    select * from {{ ref('ticket_steps') }}
),

final as (
    select
        steps.source,
        steps.day_local,
        steps.step,
        any_value(labels.step_order) as step_order,
        any_value(labels.label_en) as step_en,
        any_value(labels.label_zh) as step_zh,
        steps.variant,
        steps.is_lead,
        steps.kind,
        steps.department,
        count(case when steps.state in ('in_time', 'late', 'running_late') then 1 end) as due,
        count(case when steps.state = 'in_time' then 1 end) as in_time,
        count(case when steps.state = 'late' then 1 end) as late,
        count(case when steps.state = 'running_late' then 1 end) as running_late,
        count(case when steps.state = 'running' then 1 end) as running,
        count(case when steps.state = 'not_needed' then 1 end) as not_needed,
        count(case when steps.state in ('unclear', 'no_calendar') then 1 end) as unclear,
        count(case when steps.state = 'no_limit' then 1 end) as without_limit,
        count(case when steps.state <> 'unclear' and steps.ended_at is not null then 1 end) as ended,
        cast(
            coalesce(sum(case when steps.state <> 'unclear' then steps.step_calendar_minutes end), 0) as bigint
        ) as step_calendar_minutes,
        count(case when steps.state <> 'unclear' then steps.step_business_minutes end) as ended_with_calendar,
        cast(
            coalesce(sum(case when steps.state <> 'unclear' then steps.step_business_minutes end), 0) as bigint
        ) as step_business_minutes,
        count(case when steps.is_lead and steps.state in ('in_time', 'late', 'running_late') then 1 end) as lead_due,
        count(case when steps.is_lead and steps.state = 'in_time' then 1 end) as lead_in_time,
        count(case when steps.is_lead and steps.state = 'running_late' then 1 end) as lead_running_late,
        count(
            case when steps.is_lead and steps.state <> 'unclear' then steps.step_business_minutes end
        ) as lead_ended_with_calendar,
        cast(
            coalesce(sum(case when steps.is_lead and steps.state <> 'unclear' then steps.step_business_minutes end), 0)
            as bigint
        ) as lead_business_minutes,
        max(steps.built_at) as built_at
    from steps
    inner join labels on steps.step = labels.step
    group by
        steps.source, steps.day_local, steps.step, steps.variant, steps.is_lead, steps.kind, steps.department
)

select * from final
