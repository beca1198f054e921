with facts as (
    select * from {{ ref('risk_facts_by_month') }}
),

rules as (
    select * from {{ ref('int_risk_rules_by_day') }}
),

measure_rules as (
    select * from {{ ref('risk_measure_rules') }}
),

dates as (
    select distinct
        facts.source,
        facts.month_start_on,
        facts.as_of_on,
        rules.window_months
    from facts
    inner join rules on facts.source = rules.source and facts.as_of_on = rules.date_day
),

windows as (
    select
        dates.source,
        dates.as_of_on,
        dates.month_start_on,
        facts.business_type_id,
        facts.defect,
        bool_or(facts.is_simulated) as is_simulated,
        count(*) as months,
        sum(facts.reviews) as reviews,
        sum(facts.errors) as errors,
        sum(facts.incidents) as incidents,
        sum(facts.contacts) as contacts,
        sum(facts.contacts_judged) as contacts_judged,
        sum(facts.contacts_repeated) as contacts_repeated,
        sum(facts.complaints) as complaints,
        sum(facts.founded_judged) as founded_judged,
        sum(facts.founded_corrected) as founded_corrected,
        sum(facts.call_backs_answered) as call_backs_answered,
        sum(facts.call_backs_dissatisfied) as call_backs_dissatisfied
    from dates
    inner join facts
        on
            dates.source = facts.source
            and dates.month_start_on >= facts.month_start_on
            and facts.month_start_on > dates.month_start_on - dates.window_months * interval '1 month'
    group by dates.source, dates.as_of_on, dates.month_start_on, facts.business_type_id, facts.defect
),

-- What is done about a defect, and how its complainants are called back, is the centre's and not a business type's.
of_defects as (
    select
        source,
        as_of_on,
        defect,
        sum(founded_judged) as founded_judged,
        sum(founded_corrected) as founded_corrected,
        sum(call_backs_answered) as call_backs_answered,
        sum(call_backs_dissatisfied) as call_backs_dissatisfied
    from windows
    group by source, as_of_on, defect
),

measured as (
    {% set measures = {
        'quality_errors': ('windows.errors', 'windows.reviews', 'windows.reviews', 1),
        'incidents': ('windows.incidents', 'windows.months', 'windows.incidents', 1),
        'complaints': ('windows.complaints', 'windows.contacts', 'windows.contacts', 1000),
        'repeats': ('windows.contacts_repeated', 'windows.contacts_judged', 'windows.contacts_judged', 1),
        'call_backs': (
            'of_defects.call_backs_dissatisfied', 'of_defects.call_backs_answered', 'of_defects.call_backs_answered', 1
        ),
        'uncorrected': (
            '(of_defects.founded_judged - of_defects.founded_corrected)', 'of_defects.founded_judged',
            'of_defects.founded_judged', 10
        ),
    } %}
    {% for measure, (numerator, denominator, cases, factor) in measures.items() %}
    select
        windows.source,
        windows.as_of_on,
        windows.month_start_on,
        windows.business_type_id,
        windows.defect,
        windows.is_simulated,
        '{{ measure }}' as measure,
        {{ numerator }} as hits,
        {{ denominator }} as chances,
        {{ cases }} as cases,
        {{ factor }}.0 * {{ numerator }} / nullif({{ denominator }}, 0) as measure_value
    from windows
    inner join of_defects
        on
            windows.source = of_defects.source
            and windows.as_of_on = of_defects.as_of_on
            and windows.defect = of_defects.defect
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- A rule of the source itself goes before one for all.
ruled as (
    select
        measured.*,
        measure_rules.level_of,
        measure_rules.medium_from,
        measure_rules.high_from,
        measure_rules.least_cases,
        measure_rules.origin as rule_origin
    from measured
    inner join measure_rules
        on
            measured.measure = measure_rules.measure
            and measure_rules.source in (measured.source, '*')
            and measured.as_of_on between measure_rules.valid_from and measure_rules.valid_to
    qualify
        row_number() over (
            partition by
                measured.source, measured.as_of_on, measured.business_type_id, measured.defect, measured.measure
            order by measure_rules.source = '*'
        ) = 1
),

levelled as (
    select
        *,
        case
            when cases < least_cases or measure_value is null then null
            when level_of = 'control' then cast(round(measure_value) as integer)
            when measure_value >= high_from then 3
            when measure_value >= medium_from then 2
            else 1
        end as measured_level
    from ruled
),

final as (
    select
        source,
        as_of_on,
        month_start_on,
        business_type_id,
        defect,
        measure,
        is_simulated,
        level_of,
        cast(hits as bigint) as hits,
        cast(chances as bigint) as chances,
        cast(cases as bigint) as cases,
        cast(measure_value as double) as measure_value,
        measured_level,
        -- Of several measures the highest level counts; of equal ones the first by name decides, to have one that does.
        measured_level is not null and row_number() over (
            partition by source, as_of_on, business_type_id, defect, level_of
            order by measured_level desc nulls last, measure asc
        ) = 1 as is_deciding,
        rule_origin
    from levelled
)

select * from final
