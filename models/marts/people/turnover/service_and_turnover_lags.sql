{%- set links = [
    ('staffing', 'scheduled_hours_per_head'),
    ('presence', 'present_seconds / nullif(scheduled_seconds, 0)'),
    ('service_level', 'centre_answered_within_target * 1.0 / nullif(centre_calls, 0)'),
    ('satisfaction', 'ratings_satisfied * 1.0 / nullif(ratings, 0)')
] -%}
with months as (
    select * from {{ ref('service_and_turnover') }}
),

pairs as (
    {%- for measure, expression in links %}{% set outer = loop.first %}
    {%- for lag in [0, 1, 2, 3] %}
    {% if not (outer and loop.first) %}union all{% endif %}
    select
        source,
        team_id,
        '{{ measure }}' as measure,
        {{ lag }} as lag_months,
        cast(turnover_rate{% if lag %}_{{ lag }}_before{% endif %} as double) as turnover,
        cast({{ expression }} as double) as measured
    from months
    {%- endfor %}
    {%- endfor %}
),

-- Teams differ for many reasons: only how a team's months differ from its own mean is compared.
within_teams as (
    select
        source,
        team_id,
        measure,
        lag_months,
        turnover - avg(turnover) over team as turnover,
        measured - avg(measured) over team as measured
    from pairs
    where turnover is not null and measured is not null
    window team as (partition by source, team_id, measure, lag_months)
),

correlated as (
    select
        source,
        measure,
        lag_months,
        count(*) as team_months,
        count(distinct team_id) as teams,
        -- Without spread there is no correlation.
        case
            -- Rounded, since the last digit of a sum of fractions depends on the order of its rows.
            when stddev_pop(turnover) > 1e-12 and stddev_pop(measured) > 1e-12
                then round(corr(turnover, measured), 9)
        end as pearson_r
    from within_teams
    group by source, measure, lag_months
),

-- Fisher's z; each team's mean takes one of its months away.
bounded as (
    select
        *,
        case
            when team_months - teams > 3 and abs(pearson_r) < 1
                then 1.959963984540054 / sqrt(team_months - teams - 2)
        end as width,
        case when abs(pearson_r) < 1 then atanh(pearson_r) end as z
    from correlated
),

final as (
    select
        source,
        measure,
        cast(lag_months as integer) as lag_months,
        cast(team_months as bigint) as team_months,
        cast(teams as bigint) as teams,
        pearson_r,
        tanh(z - width) as pearson_r_low,
        tanh(z + width) as pearson_r_high,
        coalesce(tanh(z - width) > 0 or tanh(z + width) < 0, false) as is_clear
    from bounded
)

select * from final
