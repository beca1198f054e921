with trainings as (
    select * from {{ ref('stg_hotline__training') }}
),

employees as (
    select * from {{ ref('int_employees_latest') }}
),

rules as (
    select * from {{ ref('int_quality_rules_by_day') }}
),

placed as (
    select
        trainings.source,
        trainings.employee,
        employees.agent,
        coalesce(employees.team, 'unknown') as team,
        trainings.kind,
        trainings.occurred_on,
        cast(date_trunc('month', trainings.occurred_on) as date) as month_start_on,
        -- Who was there was to come, whatever the source says of it.
        coalesce(trainings.is_attended, false) or coalesce(trainings.is_invited, true) as is_invited,
        coalesce(trainings.is_attended, trainings.is_passed is not null, false) as is_attended,
        trainings.is_passed,
        trainings.score
    from trainings
    left join employees on trainings.source = employees.source and trainings.employee = employees.employee
),

ruled as (
    select
        placed.*,
        rules.least_persons_shown
    from placed
    inner join rules on placed.source = rules.source and placed.month_start_on = rules.date_day
)

select * from ruled
