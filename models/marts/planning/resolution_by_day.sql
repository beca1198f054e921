{% set periods = [1, 3, 7, 14, 30] %}
with contacts as (
    select * from {{ ref('contact_resolution') }} as contacts
    where {{ only_rebuilt_days('contacts', 'arrival_on', days_ahead=30) }}
),

final as (
    select
        source,
        queue_id,
        substr(queue_id, length(source) + 2) as queue,
        business_type_id,
        substr(business_type_id, length(source) + 2) as business_type,
        tier,
        handled_by,
        arrival_on as day_local,
        count(*) as contacts,
        {% for days in periods %}
        count(is_resolved_{{ days }}_days) as judged_{{ days }}_days,
        count(case when is_resolved_{{ days }}_days then 1 end) as resolved_{{ days }}_days,
        {% endfor %}
        bool_or(is_simulated) as is_simulated
    from contacts
    group by source, queue_id, business_type_id, tier, handled_by, arrival_on
)

select * from final
