-- Counted once per pair of tiers and once per month of customers.
with moves as (
    select
        source,
        month_start_on,
        sum(moved) as moved
    from {{ ref('tier_moves_by_month') }}
    group by source, month_start_on
),

changes as (
    select
        source,
        month_start_on,
        sum(tier_changes) as moved
    from {{ ref('customers_by_month') }}
    group by source, month_start_on
)

select
    changes.source,
    changes.month_start_on,
    changes.moved,
    moves.moved as moved_between_tiers
from changes
left join moves on changes.source = moves.source and changes.month_start_on = moves.month_start_on
where changes.moved <> coalesce(moves.moved, 0)
