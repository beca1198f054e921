with snapshots as (
    select * from {{ ref('int_hr_snapshots') }}
),

declared as (
    select * from {{ ref('hr_records') }}
),

ends as (
    select
        source,
        min(as_of) as first_as_of,
        max(as_of) as last_as_of,
        max(slack_days) as slack_days
    from snapshots
    where is_complete
    group by source
),

-- Leavers before the first snapshot are not known, unless the source is said to name them.
begun as (
    select
        ends.source,
        ends.first_as_of,
        ends.last_as_of,
        ends.slack_days,
        coalesce(
            declared.leavers_known_from,
            cast(ends.first_as_of - ends.slack_days * interval '1 day' as date)
        ) as known_from
    from ends
    left join declared on ends.source = declared.source
),

final as (
    select
        source,
        first_as_of,
        last_as_of,
        -- The first month of which the first day is known, and the last of which the last day is.
        cast(date_trunc('month', known_from - interval '1 day') + interval '1 month' as date) as first_month_on,
        cast(
            date_trunc('month', last_as_of + (slack_days + 1) * interval '1 day') - interval '1 month' as date
        ) as last_month_on
    from begun
)

select * from final
