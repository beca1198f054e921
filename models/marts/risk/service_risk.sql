with measures as (
    select * from {{ ref('risk_measures') }}
),

assessments as (
    select * from {{ ref('int_risk_assessments') }}
),

rules as (
    select * from {{ ref('int_risk_rules_by_day') }}
),

importances as (
    select * from {{ ref('business_importance') }}
),

matrix as (
    select * from {{ ref('risk_matrix') }}
),

facts as (
    select * from {{ ref('risk_facts_by_month') }}
),

-- How long ago the last complaint was, of what has been loaded so far.
last_complaints as (
    select
        now_known.source,
        now_known.business_type_id,
        now_known.defect,
        now_known.month_start_on,
        min(earlier.month_start_on) as first_month_on,
        max(case when earlier.complaints > 0 then earlier.month_start_on end) as last_complaint_month_on
    from facts as now_known
    inner join facts as earlier
        on
            now_known.source = earlier.source
            and now_known.business_type_id = earlier.business_type_id
            and now_known.defect = earlier.defect
            and now_known.month_start_on >= earlier.month_start_on
            and earlier.month_start_on > now_known.month_start_on - interval '5 years'
    group by now_known.source, now_known.business_type_id, now_known.defect, now_known.month_start_on
),

measured as (
    select
        source,
        business_type_id,
        substr(business_type_id, length(source) + 2) as business_type,
        defect,
        as_of_on,
        month_start_on,
        as_of_on = max(as_of_on) over (partition by source) as is_latest,
        bool_or(is_simulated) as is_simulated,
        max(case when is_deciding and level_of = 'defect' then measured_level end) as defect_level,
        max(case when is_deciding and level_of = 'vulnerability' then measured_level end) as vulnerability_level,
        max(case when is_deciding and level_of = 'control' then measured_level end) as control_level
    from measures
    group by source, business_type_id, defect, as_of_on, month_start_on
),

dates_of_types as (
    select distinct
        source,
        business_type,
        as_of_on
    from measured
),

-- An importance of the source itself goes before one for all.
important as (
    select
        measured.source,
        measured.business_type,
        measured.as_of_on,
        max_by(importances.importance, importances.source <> '*') as importance
    from dates_of_types as measured
    inner join importances
        on
            importances.source in (measured.source, '*')
            and measured.business_type = importances.business_type
            and measured.as_of_on between importances.valid_from and importances.valid_to
    group by measured.source, measured.business_type, measured.as_of_on
),

joined as (
    select
        measured.*,
        assessments.as_of as assessed_on,
        coalesce(assessments.has_fault, false) as has_assessment_fault,
        assessments.defect_level as assessed_defect_level,
        assessments.vulnerability_level as assessed_vulnerability_level,
        assessments.control_level as assessed_control_level,
        coalesce(assessments.importance, important.importance) as importance,
        case
            when
                last_complaints.last_complaint_month_on
                > measured.month_start_on - rules.history_high_months * interval '1 month'
                then 'high'
            when
                last_complaints.last_complaint_month_on
                > measured.month_start_on - rules.history_medium_months * interval '1 month'
                then 'medium'
            -- Nobody complained, but who says that nobody did before the first file?
            when
                last_complaints.first_month_on
                > measured.month_start_on - (rules.history_medium_months - 1) * interval '1 month'
                then 'not yet known'
            else 'low'
        end as probability_from_history
    from measured
    left join assessments
        on
            measured.source = assessments.source
            and measured.business_type = assessments.business_type
            and measured.defect = assessments.defect
            and measured.as_of_on between assessments.as_of and assessments.valid_to
    left join important
        on
            measured.source = important.source
            and measured.business_type = important.business_type
            and measured.as_of_on = important.as_of_on
    left join rules on measured.source = rules.source and measured.as_of_on = rules.date_day
    left join last_complaints
        on
            measured.source = last_complaints.source
            and measured.business_type_id = last_complaints.business_type_id
            and measured.defect = last_complaints.defect
            and measured.month_start_on = last_complaints.month_start_on
),

final as (
    select
        joined.source,
        joined.business_type_id,
        joined.business_type,
        joined.defect,
        joined.as_of_on,
        joined.is_latest,
        joined.is_simulated,
        joined.importance,
        joined.assessed_on,
        joined.has_assessment_fault,
        {% for side, levels in {'assessed': 'joined.assessed_', 'measured': 'joined.'}.items() %}
        {{ levels }}defect_level as {{ side }}_defect_level,
        {{ levels }}vulnerability_level as {{ side }}_vulnerability_level,
        {{ levels }}control_level as {{ side }}_control_level,
        {{ side }}.damage_level as {{ side }}_damage_level,
        cast({{ side }}.impact as decimal(6, 2)) as {{ side }}_impact,
        {{ side }}.probability as {{ side }}_probability,
        cast({{ side }}.risk as decimal(8, 2)) as {{ side }}_risk,
        {{ side }}.zone as {{ side }}_zone,
        {% endfor %}
        case when measured.risk is not null then 1 else 0 end as risk_count,
        joined.probability_from_history
    from joined
    {% for side, levels in {'assessed': 'joined.assessed_', 'measured': 'joined.'}.items() %}
    left join matrix as {{ side }}
        on
            joined.importance = {{ side }}.importance
            and {{ levels }}defect_level = {{ side }}.defect_level
            and {{ levels }}vulnerability_level = {{ side }}.vulnerability_level
            and {{ levels }}control_level = {{ side }}.control_level
            and joined.as_of_on between {{ side }}.valid_from_on and {{ side }}.valid_to_on
    {% endfor %}
)

select * from final
