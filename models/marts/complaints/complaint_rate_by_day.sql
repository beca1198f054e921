with complaints as (
    select
        source,
        opened_on as day_local,
        cause,
        count(*) as complaints
    from {{ ref('complaint_register') }}
    group by source, opened_on, cause
),

days as (
    select
        source,
        day_local,
        bool_or(is_simulated) as is_simulated,
        sum(contacts_answered + self_served) as contacts_handled
    from {{ ref('service_level_by_day') }}
    group by source, day_local
),

causes as (
    select distinct
        source,
        cause
    from complaints
    union
    select distinct
        source,
        'all' as cause
    from complaints
),

counted as (
    select
        source,
        day_local,
        cause,
        complaints
    from complaints
    union all
    select
        source,
        day_local,
        'all' as cause,
        complaints
    from complaints
),

added as (
    select
        source,
        day_local,
        cause,
        sum(complaints) as complaints
    from counted
    group by source, day_local, cause
),

-- A day without a complaint is a day of none: comparisons would else look at the other days only.
final as (
    select
        days.source,
        days.day_local,
        causes.cause,
        causes.cause = 'all' as is_all_causes,
        days.is_simulated,
        cast(coalesce(added.complaints, 0) as bigint) as complaints,
        cast(days.contacts_handled as bigint) as contacts_handled
    from days
    inner join causes on days.source = causes.source
    left join added
        on days.source = added.source and days.day_local = added.day_local and causes.cause = added.cause
)

select * from final
