{% set periods = [1, 3, 7, 14, 30] %}
-- Whoever gets into the system tries again, whether or not anybody answers; the centre's own calls are no repeats.
with contacts as (
    select * from {{ ref('fct_contact') }} as contacts
    where
        is_entered
        and customer_id <> source || '/unknown'
        and {{ only_days_looked_at('contacts', 'arrival_on', 30) }}
),

loaded_through as (
    select * from {{ ref('int_visits_loaded_through') }}
),

followed as (
    select
        *,
        lead(contact_id) over matter as following_contact_id,
        lead(entered_at) over matter as following_entered_at
    from contacts
    window matter as (partition by customer_id, business_type_id order by entered_at, contact_id)
),

observed as (
    select
        followed.*,
        -- A contact enters on the day of its arrival or before: so many whole days after it have been loaded.
        {{ days_from('followed.arrival_on', 'loaded_through.loaded_through_on') }} as days_observed,
        {{ seconds_between('followed.entered_at', 'followed.following_entered_at') }} as seconds_to_following
    from followed
    inner join loaded_through on followed.source = loaded_through.source
    where
        (followed.is_answered or followed.is_self_served)
        and {{ only_rebuilt_days('followed', 'arrival_on', days_ahead=30) }}
),

final as (
    select
        source,
        contact_id,
        first_queue_id as queue_id,
        business_type_id,
        tier,
        customer_id,
        case when is_answered then 'agent' else 'self_service' end as handled_by,
        case when is_answered then first_agent_id end as agent_id,
        channel,
        entered_at,
        entered_local,
        arrival_on,
        case when seconds_to_following <= 30 * 86400 then following_contact_id end as repeat_contact_id,
        case when seconds_to_following <= 30 * 86400 then following_entered_at end as repeat_entered_at,
        {% for days in periods %}
        case when days_observed >= {{ days }} then coalesce(seconds_to_following > {{ days }} * 86400, true) end
            as is_resolved_{{ days }}_days,
        {% endfor %}
        coalesce(seconds_to_following <= 30 * 86400, false) as has_repeat,
        is_simulated
    from observed
)

select * from final
