with visits as (
    select * from {{ ref('fct_queue_visit') }} as visits
    where is_offered and {{ only_rebuilt_days('visits', 'arrival_on') }}
),

bands as (
    select * from {{ ref('wait_bands') }}
),

-- Counted per second of wait first: bands are then matched to thousands of rows, not to every visit.
waits as (
    select
        source,
        queue_id,
        tier,
        arrival_on as day_local,
        wait_seconds,
        any_value(queue) as queue,
        bool_or(is_simulated) as is_simulated,
        count(*) as offered,
        count_if(is_answered) as answered,
        count_if(is_abandoned) as abandoned,
        count_if(is_flowed_out) as flowed_out
    from visits
    group by source, queue_id, tier, arrival_on, wait_seconds
),

-- Every band that a visit went through, so that those who waited longer count among those who entered it.
by_band as (
    select
        waits.source,
        waits.queue_id,
        waits.tier,
        waits.day_local,
        bands.wait_band,
        bands.wait_band_order,
        any_value(waits.queue) as queue,
        bool_or(waits.is_simulated) as is_simulated,
        sum(waits.offered) as entered_band,
        sum(case when waits.wait_seconds < bands.to_seconds then waits.answered else 0 end) as answered,
        sum(case when waits.wait_seconds < bands.to_seconds then waits.abandoned else 0 end) as abandoned,
        sum(case when waits.wait_seconds < bands.to_seconds then waits.flowed_out else 0 end) as flowed_out
    from waits
    inner join bands on waits.wait_seconds >= bands.from_seconds
    group by waits.source, waits.queue_id, waits.tier, waits.day_local, bands.wait_band, bands.wait_band_order
),

final as (
    select
        source,
        queue_id,
        queue,
        tier,
        day_local,
        is_simulated,
        wait_band,
        wait_band_order,
        cast(entered_band as bigint) as entered_band,
        cast(answered as bigint) as answered,
        cast(abandoned as bigint) as abandoned,
        cast(flowed_out as bigint) as flowed_out
    from by_band
)

select * from final
