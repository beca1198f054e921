with members as (
    {{ seen_members(ref('fct_queue_visit'), 'customer_id') }}
),

named as (
    select
        *,
        substr(member_id, length(source) + 2) as customer
    from members
),

final as (
    select
        member_id as customer_id,
        source,
        customer,
        customer = 'unknown' as is_unknown,
        first_seen_on,
        last_seen_on
    from named
)

select * from final
