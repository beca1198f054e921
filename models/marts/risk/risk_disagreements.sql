with risks as (
    select * from {{ ref('service_risk') }}
),

measures as (
    select * from {{ ref('risk_measures') }}
    where is_deciding
),

rules as (
    select * from {{ ref('int_risk_rules_by_day') }}
),

levels as (
    {% for level_of in ('defect', 'vulnerability', 'control') %}
    select
        source,
        business_type_id,
        defect,
        as_of_on,
        is_latest,
        is_simulated,
        assessed_on,
        '{{ level_of }}' as level_of,
        assessed_{{ level_of }}_level as assessed_level,
        measured_{{ level_of }}_level as measured_level
    from risks
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select
        levels.source,
        levels.business_type_id,
        levels.defect,
        levels.as_of_on,
        levels.level_of,
        levels.is_latest,
        levels.is_simulated,
        levels.assessed_on,
        levels.assessed_level,
        levels.measured_level,
        levels.measured_level - levels.assessed_level as difference,
        case when levels.measured_level > levels.assessed_level then 'assessed too low' else 'assessed too high' end
            as verdict,
        measures.measure,
        measures.measure_value,
        measures.hits,
        measures.chances,
        measures.rule_origin
    from levels
    inner join rules on levels.source = rules.source and levels.as_of_on = rules.date_day
    inner join measures
        on
            levels.source = measures.source
            and levels.as_of_on = measures.as_of_on
            and levels.business_type_id = measures.business_type_id
            and levels.defect = measures.defect
            and levels.level_of = measures.level_of
    where
        abs(levels.measured_level - levels.assessed_level)
        > case when levels.level_of = 'control' then rules.control_leeway else 0 end
)

select * from final
