with passed_months as (
    select * from {{ ref('int_passed_months') }} as passed_months
    where {{ of_changed_sources('passed_months', ['performance', 'employees']) }}
),

employees as (
    select * from {{ ref('fct_employee_month') }} as employees
    where {{ of_changed_sources('employees', ['performance', 'employees']) }}
),

grades as (
    select * from {{ ref('grades') }}
),

rules as (
    select * from {{ ref('grade_rules') }}
),

-- Months in a row. Passed months count again from one after each proposal; after the longest row of failed ones the
-- last rule is proposed again every month.
of_rows as (
    select
        passed_months.source,
        passed_months.subject,
        passed_months.member,
        passed_months.month_start_on,
        rules.cause,
        rules.months,
        rules.proposal,
        rules.steps,
        passed_months.months_in_a_row as months_behind,
        rules.source as rule_source
    from passed_months
    inner join rules
        on
            passed_months.subject = rules.subject
            and rules.source in (passed_months.source, '*')
            and passed_months.month_start_on between rules.valid_from and rules.valid_to
            and (
                (
                    rules.cause = 'passed'
                    and passed_months.is_passed
                    and passed_months.months_in_a_row % rules.months = 0
                )
                or (
                    rules.cause = 'failed'
                    and not passed_months.is_passed
                    and (
                        passed_months.months_in_a_row = rules.months
                        or (passed_months.months_in_a_row > rules.months and rules.proposal in ('dismissal', 'reform'))
                    )
                )
            )
),

-- Each so many months of employment, counted from the first day of the spell.
of_service as (
    select
        employees.source,
        'staff' as subject,
        employees.employee_id as member_id,
        employees.month_start_on,
        rules.cause,
        rules.months,
        rules.proposal,
        rules.steps,
        rules.months as months_behind,
        rules.source as rule_source
    from employees
    inner join grades on employees.grade = grades.grade
    inner join rules
        on
            rules.cause = 'service'
            and rules.source in (employees.source, '*')
            and employees.month_start_on between rules.valid_from and rules.valid_to
    where
        not grades.is_manager
        and employees.is_employed_at_end
        and employees.tenure_months >= rules.months
        and employees.tenure_months % rules.months = 0
),

-- What a manager is measured by is the team: the share of its measures passed in the quarter, half-year or year that
-- ends.
of_managers as (
    select
        employees.source,
        'manager' as subject,
        employees.employee_id as member_id,
        employees.month_start_on,
        rules.cause,
        rules.months,
        any_value(rules.proposal) as proposal,
        any_value(rules.steps) as steps,
        rules.months as months_behind,
        rules.source as rule_source
    from employees
    inner join grades on employees.grade = grades.grade
    inner join rules
        on
            rules.cause = 'below_target'
            and rules.source in (employees.source, '*')
            and employees.month_start_on between rules.valid_from and rules.valid_to
            and extract(month from employees.month_start_on) % rules.months = 0
    inner join passed_months
        on
            employees.source = passed_months.source
            and passed_months.subject = 'team'
            and employees.team_id = passed_months.source || '/' || passed_months.member
            and passed_months.month_start_on
            between employees.month_start_on - (rules.months - 1) * interval '1 month' and employees.month_start_on
    where grades.is_manager and employees.is_employed_at_end
    group by employees.source, employees.employee_id, employees.month_start_on, rules.cause, rules.months, rules.source
    having
        count(*) = rules.months
        and sum(passed_months.measures_passed) < max(rules.threshold) * sum(passed_months.measures)
),

proposed as (
    select
        source,
        subject,
        source || '/' || member as member_id,
        month_start_on,
        cause,
        months,
        proposal,
        steps,
        months_behind,
        rule_source
    from of_rows
    union all
    select * from of_service
    union all
    select * from of_managers
),

-- A rule of the source itself stands in the place of the one for all.
chosen as (
    select *
    from proposed
    qualify
        row_number() over (
            partition by source, subject, member_id, month_start_on, cause, months
            order by rule_source desc
        ) = 1
),

graded as (
    select
        chosen.*,
        employees.grade,
        employees.team_id,
        case
            when chosen.steps > 0 then grades.one_up
            when chosen.steps < 0 then grades.one_down
        end as proposed_grade
    from chosen
    left join employees
        on
            chosen.member_id = employees.employee_id
            and chosen.month_start_on = employees.month_start_on
            and (employees.is_employed_at_end or chosen.subject = 'staff')
    left join grades on employees.grade = grades.grade
    -- Of two spells in one month the later one counts.
    qualify
        row_number() over (
            partition by
                chosen.source, chosen.subject, chosen.member_id, chosen.month_start_on, chosen.cause, chosen.months
            order by employees.hired_on desc
        ) = 1
),

final as (
    select
        source,
        subject,
        member_id,
        coalesce(team_id, case when subject = 'team' then member_id end) as team_id,
        month_start_on,
        proposal,
        cause,
        cast(months as integer) as rule_months,
        steps,
        grade,
        case
            when subject <> 'team' and proposal in ('grade_up', 'grade_down') then proposed_grade
        end as proposed_grade,
        cast(months_behind as integer) as months_behind,
        cast(month_start_on - (months_behind - 1) * interval '1 month' as date) as first_month_on
    from graded
    where coalesce(proposal not in ('grade_up', 'grade_down') or subject = 'team' or proposed_grade <> grade, false)
)

select * from final
