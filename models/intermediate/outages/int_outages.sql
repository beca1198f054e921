with areas as (
    select * from {{ ref('stg_hotline__outages') }}
),

rules as (
    select * from {{ ref('outage_rules') }}
),

working_days as (
    select * from {{ ref('int_working_days') }}
    where unit = 'centre'
),

fitting as (
    select
        areas.source,
        areas.outage_id,
        areas.area,
        rules.rule,
        rules.value,
        case when rules.source = '*' then 1 else 2 end as precedence
    from areas
    inner join rules
        on rules.source in (areas.source, '*') and areas.starts_on between rules.valid_from and rules.valid_to
),

-- A rule of the source itself goes before one for all.
ruled as (
    select
        source,
        outage_id,
        area,
        max_by(value, case when rule = 'notice_days' then precedence end) as notice_days,
        max_by(value, case when rule = 'copy_working_days' then precedence end) as copy_working_days,
        max_by(value, case when rule = 'correct_share' then precedence end) as correct_share
    from fitting
    group by source, outage_id, area
),

approved as (
    select
        areas.*,
        ruled.notice_days as least_notice_days,
        ruled.correct_share as correct_share_required,
        {{ is_started_in_hours('approved_days', 'areas.approved_at') }} as is_approved_in_hours,
        {{ due_working_day_no('approved_days', 'areas.approved_at', 'ruled.copy_working_days') }} as due_working_day_no
    from areas
    left join ruled
        on areas.source = ruled.source and areas.outage_id = ruled.outage_id and areas.area = ruled.area
    left join working_days as approved_days
        on areas.source = approved_days.source and cast(areas.approved_local as date) = approved_days.day_local
),

due as (
    select
        approved.*,
        {{ due_on_working_day('due_days', 'approved.approved_local', 'approved.is_approved_in_hours') }} as copy_due_at
    from approved
    left join working_days as due_days
        on
            approved.source = due_days.source
            and approved.due_working_day_no = due_days.working_day_no
            and due_days.is_working_day
)

select * from due
