with performance as (
    select * from {{ ref('stg_hotline__performance') }} as performance
    where {{ of_changed_sources('performance', ['performance', 'employees']) }}
),

rules as (
    select * from {{ ref('hr_rules') }}
    where rule = 'month_passed_share'
),

-- An award is not a measure: who has none did not fail.
judged as (
    select
        source,
        case when employee is null then 'team' else 'staff' end as subject,
        coalesce(employee, team) as member,
        month_start_on,
        count(case when award is null then is_passed end) as measures,
        count(case when award is null and is_passed then 1 end) as measures_passed,
        string_agg(award, ', ' order by award) as awards
    from performance
    where coalesce(employee, team) is not null
    group by all
),

ruled as (
    select
        judged.source,
        judged.subject,
        judged.member,
        judged.month_start_on,
        any_value(judged.measures) as measures,
        any_value(judged.measures_passed) as measures_passed,
        any_value(judged.awards) as awards,
        max_by(rules.value, rules.source <> '*') as least_share
    from judged
    left join rules
        on
            rules.source in (judged.source, '*')
            and judged.month_start_on between rules.valid_from and rules.valid_to
    group by judged.source, judged.subject, judged.member, judged.month_start_on
),

passed as (
    select
        *,
        -- Two of three is 0.667 and not less than 0.66.
        case when measures > 0 then measures_passed >= least_share * measures end as is_passed,
        extract(year from month_start_on) * 12 + extract(month from month_start_on) as month_no
    from ruled
),

-- Months in a row: a month without a result, or with the other one, ends the row.
in_rows as (
    select
        *,
        month_no - row_number() over (
            partition by source, subject, member, is_passed
            order by month_start_on
        ) as row_key
    from passed
),

final as (
    select
        source,
        subject,
        member,
        month_start_on,
        measures,
        measures_passed,
        awards,
        is_passed,
        case
            when is_passed is not null
                then cast(
                    row_number() over (
                        partition by source, subject, member, is_passed, row_key
                        order by month_start_on
                    ) as integer
                )
        end as months_in_a_row
    from in_rows
)

select * from final
