with trainings as (
    select * from {{ ref('stg_hotline__training') }}
),

employees as (
    select * from {{ ref('int_employees_latest') }}
),

rules as (
    select * from {{ ref('int_quality_rules_by_day') }}
),

-- Each person once per course and kind: a second time would count the same reviews twice.
first_times as (
    select
        trainings.source,
        employees.agent,
        trainings.course,
        trainings.kind,
        min(trainings.occurred_on) as trained_on
    from trainings
    inner join employees on trainings.source = employees.source and trainings.employee = employees.employee
    where employees.agent is not null and coalesce(trainings.is_attended, true)
    group by trainings.source, employees.agent, trainings.course, trainings.kind
),

ruled as (
    select
        first_times.*,
        rules.learning_days,
        rules.least_persons_shown
    from first_times
    inner join rules on first_times.source = rules.source and first_times.trained_on = rules.date_day
)

select * from ruled
