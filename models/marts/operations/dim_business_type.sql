with members as (
    {{ seen_members(ref('fct_queue_visit'), 'business_type_id') }}
),

labels as (
    select * from {{ ref('business_types') }}
),

named as (
    select
        *,
        substr(member_id, length(source) + 2) as business_type
    from members
),

final as (
    select
        named.member_id as business_type_id,
        named.source,
        named.business_type,
        coalesce(labels.label_en, named.business_type) as label_en,
        coalesce(labels.label_zh, named.business_type) as label_zh,
        named.business_type = 'unknown' as is_unknown,
        named.first_seen_on,
        named.last_seen_on
    from named
    left join labels on named.source = labels.source and named.business_type = labels.business_type
)

select * from final
