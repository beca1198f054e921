with numbers as (
    {{ dbt.generate_series(96) }}
),

intervals as (
    select
        cast(generated_number - 1 as integer) as interval_number,
        timestamp '2000-01-03 00:00:00' + (generated_number - 1) * interval '15 minutes' as starts
    from numbers
),

final as (
    select
        {{ clock_label('starts') }} as interval_label,
        interval_number,
        {{ clock_label("time_bucket(interval '30 minutes', starts)") }} as half_hour_label,
        cast(extract(hour from starts) as integer) as hour,
        {{ clock_label("date_trunc('hour', starts)") }} as hour_label
    from intervals
)

select * from final
