{% set dimensions = {
    'queue': 'queue_id',
    'tier': 'tier',
    'business_type': 'business_type_id',
    'agent': 'agent_id',
    'reason': "coalesce(call_kind, 'unknown')",
} %}
with visits as (
    select
        *,
        cast(date_trunc('week', arrival_on) as date) as week_start_on
    from {{ ref('fct_queue_visit') }} as fct_queue_visit
    where is_answered and {{ since_first_rebuilt('fct_queue_visit', 'arrival_on', 'week') }}
),

rules as (
    select * from {{ ref('int_satisfaction_rules_by_day') }}
),

nps_rules as (
    select * from {{ ref('nps_rules') }}
),

-- Added up once as finely as any dimension asks: each then adds up these few rows.
added as (
    select
        {% for column in dimensions.values() -%}
        {{ column }} as member_{{ loop.index }},
        {% endfor -%}
        source,
        week_start_on,
        case when is_rated then rating_scale end as rating_scale,
        case when is_rated then rating end as rating,
        bool_or(is_simulated) as is_simulated,
        count(*) as answered,
        count_if(is_rating_offered) as rating_offered,
        count_if(is_rated) as ratings,
        count_if(is_rated_satisfied) as satisfied
    from visits
    where {{ only_rebuilt_days('visits', 'week_start_on', 'week') }}
    group by
        {% for column in dimensions.values() -%}
        {{ column }},
        {% endfor -%}
        source,
        week_start_on,
        case when is_rated then rating_scale end,
        case when is_rated then rating end
),

-- A mean or a net promoter score is one of one scale: the one that most ratings of the week have.
scales as (
    select
        source,
        week_start_on,
        rating_scale
    from added
    where rating_scale is not null
    group by source, week_start_on, rating_scale
    qualify row_number() over (partition by source, week_start_on order by sum(ratings) desc, rating_scale asc) = 1
),

scaled as (
    select
        added.*,
        scales.rating_scale as lead_scale,
        case when added.rating_scale = scales.rating_scale then added.ratings else 0 end as scaled_ratings,
        case when added.rating_scale = scales.rating_scale then added.ratings * added.rating else 0 end as points,
        case when added.rating_scale = scales.rating_scale then added.ratings * added.rating * added.rating else 0 end
            as points_squared,
        case
            when added.rating_scale = scales.rating_scale and nps_rules.rating_scale is not null then added.ratings
            else 0
        end as nps_ratings,
        case
            when added.rating_scale = scales.rating_scale and added.rating >= nps_rules.promoter_from then added.ratings
            else 0
        end as promoters,
        case
            when added.rating_scale = scales.rating_scale and added.rating <= nps_rules.detractor_to then added.ratings
            else 0
        end as detractors
    from added
    left join scales on added.source = scales.source and added.week_start_on = scales.week_start_on
    left join nps_rules
        on
            scales.rating_scale = nps_rules.rating_scale
            and added.week_start_on between nps_rules.valid_from and nps_rules.valid_to
),

listed as (
    {% for dimension in ['overall'] + dimensions.keys() | list -%}
    select
        source,
        week_start_on,
        '{{ dimension }}' as dimension,
        {{ "'all'" if dimension == 'overall' else 'member_' ~ loop.index0 }} as member,
        is_simulated,
        lead_scale,
        answered,
        rating_offered,
        ratings,
        satisfied,
        scaled_ratings,
        points,
        points_squared,
        nps_ratings,
        promoters,
        detractors
    from scaled
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

counted as (
    select
        source,
        week_start_on,
        dimension,
        member,
        bool_or(is_simulated) as is_simulated,
        any_value(lead_scale) as rating_scale,
        sum(answered) as answered,
        sum(rating_offered) as rating_offered,
        sum(ratings) as ratings,
        sum(satisfied) as satisfied,
        sum(scaled_ratings) as scaled_ratings,
        sum(points) as points,
        sum(points_squared) as points_squared,
        sum(nps_ratings) as nps_ratings,
        sum(promoters) as promoters,
        sum(detractors) as detractors
    from listed
    group by source, week_start_on, dimension, member
),

-- The score of one customer is 1, 0 or -1: its variance over n customers is (share of ±1 − score²) / n.
scored as (
    select
        counted.*,
        rules.least_ratings_ranked,
        counted.ratings >= rules.least_ratings_ranked as is_ranked,
        (counted.promoters - counted.detractors) / cast(nullif(counted.nps_ratings, 0) as double) as nps,
        (counted.promoters + counted.detractors) / cast(nullif(counted.nps_ratings, 0) as double) as nps_spread
    from counted
    inner join rules on counted.source = rules.source and counted.week_start_on = rules.date_day
),

bounded as (
    select
        *,
        1.959963984540054 * sqrt(greatest(nps_spread - nps * nps, 0) / nullif(nps_ratings, 0)) as nps_reach
    from scored
),

final as (
    select
        source,
        week_start_on,
        dimension,
        member,
        is_simulated,
        rating_scale,
        cast(answered as bigint) as answered,
        cast(rating_offered as bigint) as rating_offered,
        cast(ratings as bigint) as ratings,
        cast(satisfied as bigint) as satisfied,
        round({{ wilson_low('ratings', 'rating_offered') }}, 6) as participation_low,
        round({{ wilson_high('ratings', 'rating_offered') }}, 6) as participation_high,
        round({{ wilson_low('satisfied', 'ratings') }}, 6) as satisfied_low,
        round({{ wilson_high('satisfied', 'ratings') }}, 6) as satisfied_high,
        cast(rating_offered - ratings as bigint) as not_rated,
        cast(scaled_ratings as bigint) as scaled_ratings,
        cast(points as bigint) as rating_points,
        cast(points_squared as bigint) as rating_points_squared,
        round({{ mean_bound('points', 'points_squared', 'scaled_ratings', '-') }}, 6) as mean_rating_low,
        round({{ mean_bound('points', 'points_squared', 'scaled_ratings', '+') }}, 6) as mean_rating_high,
        cast(nps_ratings as bigint) as nps_ratings,
        cast(promoters as bigint) as promoters,
        cast(detractors as bigint) as detractors,
        round(case when nps_ratings > 0 then greatest(nps - nps_reach, -1) end, 6) as nps_low,
        round(case when nps_ratings > 0 then least(nps + nps_reach, 1) end, 6) as nps_high,
        is_ranked,
        case
            when is_ranked
                then cast(
                    rank() over (
                        partition by source, week_start_on, dimension, is_ranked
                        order by cast(satisfied as double) / ratings desc
                    ) as integer
                )
        end as satisfied_rank
    from bounded
)

select * from final
