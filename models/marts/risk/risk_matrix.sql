with levels as (
    select * from {{ ref('risk_levels') }}
),

importances as (
    select * from {{ ref('risk_importance') }}
),

damages as (
    select * from {{ ref('risk_damage') }}
),

controls as (
    select * from {{ ref('risk_controls') }}
),

zones as (
    select
        *,
        coalesce(lead(least_risk) over (partition by valid_from order by least_risk), 1000) as risk_of_next_zone
    from {{ ref('risk_zones') }}
),

combined as (
    select
        importances.importance,
        importances.coefficient as importance_coefficient,
        defect_levels.level as defect_level,
        vulnerability_levels.level as vulnerability_level,
        controls.control_level,
        damages.damage_level,
        damages.coefficient as damage_coefficient,
        importances.coefficient * damages.coefficient as impact,
        least(controls.control_level + vulnerability_levels.level, 10) as probability,
        greatest(importances.valid_from, damages.valid_from, controls.valid_from) as valid_from,
        least(importances.valid_to, damages.valid_to, controls.valid_to) as valid_to
    from levels as defect_levels
    cross join levels as vulnerability_levels
    cross join importances
    cross join controls
    inner join damages on defect_levels.level + vulnerability_levels.level - 1 = damages.damage_level
),

zoned as (
    select
        combined.*,
        combined.impact * combined.probability as risk,
        zones.zone,
        zones.least_risk as zone_from,
        greatest(combined.valid_from, zones.valid_from) as holds_from,
        least(combined.valid_to, zones.valid_to) as holds_to
    from combined
    inner join zones
        on
            combined.impact * combined.probability >= zones.least_risk
            and combined.impact * combined.probability < zones.risk_of_next_zone
),

final as (
    select
        importance,
        defect_level,
        vulnerability_level,
        control_level,
        holds_from as valid_from_on,
        holds_to as valid_to_on,
        importance_coefficient,
        damage_level,
        damage_coefficient,
        cast(impact as decimal(8, 4)) as impact,
        probability,
        cast(risk as decimal(10, 4)) as risk,
        zone
    from zoned
    -- Rows of seeds whose validity does not meet never held together.
    where holds_from <= holds_to
)

select * from final
