with effects as (
    select * from {{ ref('int_volume_effects') }}
),

rules as (
    select * from {{ ref('int_forecast_rules') }}
),

kinds as (
    select * from {{ ref('event_kinds') }}
),

final as (
    select
        effects.source,
        effects.queue_id,
        coalesce(substr(effects.queue_id, length(effects.source) + 2), 'all queues') as queue,
        effects.is_simulated,
        effects.effect,
        case
            when effects.effect = 'heat'
                then 'each °C above ' || {{ rounded_text('rules.heat_above_celsius') }}
            else 'a ' || coalesce(kinds.label_en, 'day of ' || replace(effects.effect, '_', ' '))
        end as effect_en,
        case
            when effects.effect = 'heat'
                then '高于 ' || {{ rounded_text('rules.heat_above_celsius') }} || ' °C 每升高 1 °C'
            else coalesce(kinds.label_zh, '事件日:' || effects.effect)
        end as effect_zh,
        cast(effects.history_days as integer) as history_days,
        cast(effects.days_seen as integer) as days_seen,
        effects.change as calls_change,
        effects.change_low as calls_change_low,
        effects.change_high as calls_change_high,
        case
            when effects.change is null then 'too few days'
            when effects.change_low > 0 then 'more calls'
            when effects.change_high < 0 then 'fewer calls'
            else 'no clear difference'
        end as reading
    from effects
    inner join rules on effects.source = rules.source
    left join kinds on effects.effect = kinds.event
)

select * from final
