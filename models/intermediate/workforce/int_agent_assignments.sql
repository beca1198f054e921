with employees as (
    select * from {{ ref('stg_hotline__employees') }}
),

trainee_rules as (
    select * from {{ ref('agent_rules') }}
    where rule = 'trainee_months'
),

-- An agent number that was given to someone else belongs to whom HR named last.
records as (
    select
        source,
        agent,
        as_of,
        coalesce(team, 'unknown') as team,
        site,
        independent_from
    from employees
    where agent is not null
    qualify row_number() over (partition by source, agent, as_of order by employee desc) = 1
),

-- The rule that held when independent duty began; one of the source itself goes before one for all.
ruled as (
    select
        records.source,
        records.agent,
        records.as_of,
        any_value(records.team) as team,
        any_value(records.site) as site,
        any_value(records.independent_from) as independent_from,
        cast(max_by(trainee_rules.value, trainee_rules.source <> '*') as integer) as trainee_months
    from records
    left join trainee_rules
        on
            trainee_rules.source in (records.source, '*')
            and records.independent_from between trainee_rules.valid_from and trainee_rules.valid_to
    group by records.source, records.agent, records.as_of
),

-- A record holds until the next; the first also for the days before it, because HR's files may begin after the calls.
spells as (
    select
        source,
        agent,
        team,
        site,
        case
            when row_number() over agent_records = 1 then cast('1900-01-01' as date)
            else as_of
        end as valid_from,
        cast(coalesce(lead(as_of) over agent_records, cast('3000-01-01' as date)) - interval '1 day' as date)
            as valid_to,
        cast(independent_from + trainee_months * interval '1 month' - interval '1 day' as date) as trainee_until
    from ruled
    window agent_records as (partition by source, agent order by as_of)
)

select * from spells
