with states as (
    select * from {{ ref('fct_agent_state') }} as states
    where {{ only_rebuilt_days('states', 'day_local') }}
),

duty_states as (
    select * from {{ ref('fct_agent_state') }} as duty_states
    where {{ only_rebuilt_days('duty_states', 'duty_on') }}
),

visits as (
    select * from {{ ref('fct_queue_visit') }} as visits
    where (is_answered or is_outbound_reached) and {{ only_rebuilt_days('visits', 'arrival_on') }}
),

limits as (
    select
        source,
        business_type_id,
        day_local,
        max(case when measure = 'call' then limit_seconds end) as call_limit_seconds,
        max(case when measure = 'wrap_up' then limit_seconds end) as wrap_up_limit_seconds
    from {{ ref('handling_limits_by_day') }} as limits
    where {{ only_rebuilt_days('limits', 'day_local') }}
    group by source, business_type_id, day_local
),

schedule_by_day as (
    select * from {{ ref('adherence_by_day') }} as schedule_by_day
    where {{ only_rebuilt_days('schedule_by_day', 'day_local') }}
),

shift_patterns as (
    select * from {{ ref('shift_patterns') }}
),

state_kinds as (
    select * from {{ ref('agent_states') }}
),

assignments as (
    select
        source || '/' || agent as agent_id,
        source || '/' || team as team_id,
        team,
        valid_from,
        valid_to,
        trainee_until
    from {{ ref('int_agent_assignments') }}
),

away_rules as (
    select * from {{ ref('away_rules') }}
),

rules as (
    select * from {{ ref('int_agent_rules_by_day') }}
),

targets as (
    select * from {{ ref('int_agent_targets_by_day') }}
),

states_by_day as (
    select
        states.source,
        states.agent_id,
        states.day_local,
        sum(states.duration_seconds) as signed_in_seconds,
        {%- for state in agent_states() %}
        sum(case when states.state = '{{ state }}' then states.duration_seconds else 0 end)
            as {{ 'signing_in' if state == 'signed_in' else state }}_seconds,
        {%- endfor %}
        sum(case when state_kinds.is_handling then states.duration_seconds else 0 end) as handling_seconds,
        sum(case when state_kinds.is_productive then states.duration_seconds else 0 end) as productive_seconds,
        sum(case when state_kinds.activity = 'available' then states.duration_seconds else 0 end) as available_seconds,
        count_if(states.is_session_start) as sign_ins,
        count_if(states.state = 'away' and not states.is_repeated and not states.is_carried_over) as aways,
        count_if(states.state = 'meal' and not states.is_repeated and not states.is_carried_over) as meals,
        count_if(states.is_inferred_start) as inferred_starts,
        count_if(states.is_inferred_end) as inferred_ends,
        count_if(states.is_repeated) as repeated_events,
        count_if(states.clock_offset_seconds <> 0 and not states.is_carried_over) as events_set_right
    from states
    inner join state_kinds on states.state = state_kinds.state
    group by states.source, states.agent_id, states.day_local
),

-- What is asked of a day is asked of the duty that began on it: a night shift is one and not two halves.
duties as (
    select
        source,
        agent_id,
        duty_on as day_local,
        sum(duration_seconds) as duty_signed_in_seconds,
        sum(case when state = 'away' then duration_seconds else 0 end) as duty_away_seconds,
        sum(case when state = 'meal' then duration_seconds else 0 end) as duty_meal_seconds,
        count_if(state = 'away' and not is_repeated and not is_carried_over) as duty_aways,
        count_if(state = 'meal' and not is_repeated and not is_carried_over) as duty_meals,
        count_if(is_session_start) as duty_sign_ins
    from duty_states
    group by source, agent_id, duty_on
),

visits_by_day as (
    select
        visits.source,
        visits.agent_id,
        visits.arrival_on as day_local,
        count_if(visits.is_answered) as answered,
        count_if(visits.is_first_answer) as contacts_answered,
        count_if(visits.is_transferred) as visits_transferred,
        count_if(visits.is_outbound_reached) as outbound_reached,
        sum(case when visits.is_answered then visits.ring_seconds end) as visit_ring_seconds,
        sum(case when visits.is_answered then visits.talk_seconds end) as visit_talk_seconds,
        sum(case when visits.is_answered then visits.hold_seconds end) as visit_hold_seconds,
        sum(case when visits.is_answered then visits.wrap_up_seconds end) as visit_wrap_up_seconds,
        sum(case when visits.is_answered then visits.handle_seconds end) as handle_seconds,
        count(case when visits.is_answered then visits.handle_seconds end) as handle_count,
        count_if(visits.is_answered and visits.talk_seconds is not null and limits.call_limit_seconds is not null)
            as calls_judged,
        count_if(
            visits.is_answered and visits.talk_seconds + coalesce(visits.hold_seconds, 0) > limits.call_limit_seconds
        ) as overlong_calls,
        count_if(visits.is_answered and visits.wrap_up_seconds is not null and limits.wrap_up_limit_seconds is not null)
            as wrap_ups_judged,
        count_if(visits.is_answered and visits.wrap_up_seconds > limits.wrap_up_limit_seconds) as overlong_wrap_ups,
        count_if(visits.is_answered and visits.is_rated) as ratings,
        count_if(visits.is_answered and visits.is_rated_satisfied) as ratings_satisfied
    from visits
    left join limits
        on
            visits.source = limits.source
            and visits.business_type_id = limits.business_type_id
            and visits.arrival_on = limits.day_local
    group by visits.source, visits.agent_id, visits.arrival_on
),

-- Only calls say whether they are simulated: what else their source sends on the day is what they are.
simulated_days as (
    select
        source,
        arrival_on as day_local,
        bool_or(is_simulated) as is_simulated
    from {{ ref('fct_queue_visit') }} as visits
    where {{ only_rebuilt_days('visits', 'arrival_on') }}
    group by source, arrival_on
),

members as (
    select
        source,
        agent_id,
        day_local
    from states_by_day
    union
    select
        source,
        agent_id,
        day_local
    from duties
    union
    select
        source,
        agent_id,
        day_local
    from schedule_by_day
    union
    select
        source,
        agent_id,
        day_local
    from visits_by_day
),

assigned as (
    select
        members.source,
        members.agent_id,
        members.day_local,
        coalesce(assignments.team_id, members.source || '/unknown') as team_id,
        coalesce(assignments.team, 'unknown') as team,
        coalesce(members.day_local <= assignments.trainee_until, false) as is_trainee
    from members
    left join assignments
        on
            members.agent_id = assignments.agent_id
            and members.day_local between assignments.valid_from and assignments.valid_to
),

-- A pattern that the seed does not know keeps the schedule's own word.
patterns as (
    select
        followed.source,
        followed.shift_pattern,
        coalesce(max_by(shift_patterns.label_en, shift_patterns.source <> '*'), followed.shift_pattern)
            as shift_pattern_en,
        coalesce(max_by(shift_patterns.label_zh, shift_patterns.source <> '*'), followed.shift_pattern)
            as shift_pattern_zh
    from (
        select distinct
            source,
            shift_pattern
        from schedule_by_day
    ) as followed
    left join shift_patterns
        on
            shift_patterns.source in (followed.source, '*')
            and followed.shift_pattern = shift_patterns.shift_pattern
    group by followed.source, followed.shift_pattern
),

-- The rule for the agent's own team goes before one for all teams, and that of the source before one for all sources.
away_limits as (
    select
        teams.source,
        teams.team,
        teams.day_local,
        max_by(away_rules.most_away_seconds, {{ named_parts('away_rules.team', 'away_rules.source') }})
            as most_away_seconds,
        max_by(away_rules.most_aways, {{ named_parts('away_rules.team', 'away_rules.source') }}) as most_aways,
        max_by(away_rules.most_meal_seconds, {{ named_parts('away_rules.team', 'away_rules.source') }})
            as most_meal_seconds,
        max_by(away_rules.most_meals, {{ named_parts('away_rules.team', 'away_rules.source') }}) as most_meals,
        max_by(away_rules.most_sign_ins, {{ named_parts('away_rules.team', 'away_rules.source') }}) as most_sign_ins
    from (
        select distinct
            source,
            team,
            day_local
        from assigned
    ) as teams
    inner join away_rules
        on
            away_rules.source in (teams.source, '*')
            and away_rules.team in (teams.team, '*')
            and teams.day_local between away_rules.valid_from and away_rules.valid_to
    group by teams.source, teams.team, teams.day_local
),

combined as (
    select
        assigned.source,
        assigned.agent_id,
        assigned.team_id,
        assigned.is_trainee,
        assigned.day_local,
        schedule_by_day.shift_pattern,
        patterns.shift_pattern_en,
        patterns.shift_pattern_zh,
        coalesce(simulated_days.is_simulated, false) as is_simulated,
        coalesce(states_by_day.signed_in_seconds, 0) as signed_in_seconds,
        {%- for state in agent_states() %}
        {%- set name = 'signing_in' if state == 'signed_in' else state %}
        coalesce(states_by_day.{{ name }}_seconds, 0) as {{ name }}_seconds,
        {%- endfor %}
        coalesce(states_by_day.handling_seconds, 0) as handling_seconds,
        coalesce(states_by_day.productive_seconds, 0) as productive_seconds,
        coalesce(states_by_day.available_seconds, 0) as available_seconds,
        coalesce(states_by_day.sign_ins, 0) as sign_ins,
        coalesce(states_by_day.aways, 0) as aways,
        coalesce(states_by_day.meals, 0) as meals,
        coalesce(states_by_day.inferred_starts, 0) as inferred_starts,
        coalesce(states_by_day.inferred_ends, 0) as inferred_ends,
        coalesce(states_by_day.repeated_events, 0) as repeated_events,
        coalesce(states_by_day.events_set_right, 0) as events_set_right,
        coalesce(schedule_by_day.scheduled_seconds, 0) as scheduled_seconds,
        coalesce(schedule_by_day.scheduled_available_seconds, 0) as scheduled_available_seconds,
        coalesce(schedule_by_day.unknown_activity_seconds, 0) as unknown_activity_seconds,
        -- Without a schedule, paid is who is signed in and not at a meal.
        coalesce(
            schedule_by_day.scheduled_paid_seconds, states_by_day.signed_in_seconds - states_by_day.meal_seconds, 0
        ) as paid_seconds,
        coalesce(schedule_by_day.adherent_seconds, 0) as adherent_seconds,
        coalesce(schedule_by_day.present_seconds, 0) as present_seconds,
        coalesce(schedule_by_day.serving_seconds, 0) as serving_seconds,
        coalesce(visits_by_day.answered, 0) as answered,
        coalesce(visits_by_day.contacts_answered, 0) as contacts_answered,
        coalesce(visits_by_day.visits_transferred, 0) as visits_transferred,
        coalesce(visits_by_day.outbound_reached, 0) as outbound_reached,
        coalesce(visits_by_day.visit_ring_seconds, 0) as visit_ring_seconds,
        coalesce(visits_by_day.visit_talk_seconds, 0) as visit_talk_seconds,
        coalesce(visits_by_day.visit_hold_seconds, 0) as visit_hold_seconds,
        coalesce(visits_by_day.visit_wrap_up_seconds, 0) as visit_wrap_up_seconds,
        coalesce(visits_by_day.handle_seconds, 0) as handle_seconds,
        coalesce(visits_by_day.handle_count, 0) as handle_count,
        coalesce(visits_by_day.calls_judged, 0) as calls_judged,
        coalesce(visits_by_day.overlong_calls, 0) as overlong_calls,
        coalesce(visits_by_day.wrap_ups_judged, 0) as wrap_ups_judged,
        coalesce(visits_by_day.overlong_wrap_ups, 0) as overlong_wrap_ups,
        coalesce(visits_by_day.ratings, 0) as ratings,
        coalesce(visits_by_day.ratings_satisfied, 0) as ratings_satisfied,
        away_limits.most_sign_ins,
        coalesce(duties.duty_signed_in_seconds, 0) as duty_signed_in_seconds,
        coalesce(duties.duty_away_seconds, 0) as duty_away_seconds,
        coalesce(duties.duty_aways, 0) as duty_aways,
        coalesce(duties.duty_meal_seconds, 0) as duty_meal_seconds,
        coalesce(duties.duty_meals, 0) as duty_meals,
        coalesce(duties.duty_sign_ins, 0) as duty_sign_ins,
        coalesce(duties.duty_signed_in_seconds > 0, false) as has_duty,
        coalesce(states_by_day.signed_in_seconds > 0, false) as has_signed_in,
        coalesce(states_by_day.signed_in_seconds >= rules.least_judged_seconds, false) as is_judged,
        coalesce(
            duties.duty_away_seconds <= away_limits.most_away_seconds
            and duties.duty_aways <= away_limits.most_aways
            and duties.duty_meal_seconds <= away_limits.most_meal_seconds
            and duties.duty_meals <= away_limits.most_meals
            and duties.duty_sign_ins <= away_limits.most_sign_ins,
            false
        ) as is_compliant,
        coalesce(visits_by_day.answered, 0) * 3600
        > rules.busy_contacts_per_hour * states_by_day.signed_in_seconds as is_busy,
        targets.occupancy as occupancy_target,
        targets.utilisation as utilisation_target,
        targets.adherence as adherence_target,
        targets.away_compliance as away_compliance_target,
        targets.busy_agent_share as busy_agent_share_target,
        targets.contacts_per_hour as contacts_per_hour_target,
        targets.handle_time as handle_time_target
    from assigned
    left join states_by_day
        on assigned.agent_id = states_by_day.agent_id and assigned.day_local = states_by_day.day_local
    left join duties
        on assigned.agent_id = duties.agent_id and assigned.day_local = duties.day_local
    left join schedule_by_day
        on assigned.agent_id = schedule_by_day.agent_id and assigned.day_local = schedule_by_day.day_local
    left join patterns
        on
            schedule_by_day.source = patterns.source
            and schedule_by_day.shift_pattern = patterns.shift_pattern
    left join visits_by_day
        on assigned.agent_id = visits_by_day.agent_id and assigned.day_local = visits_by_day.day_local
    left join away_limits
        on
            assigned.source = away_limits.source
            and assigned.team = away_limits.team
            and assigned.day_local = away_limits.day_local
    left join simulated_days
        on assigned.source = simulated_days.source and assigned.day_local = simulated_days.day_local
    left join rules on assigned.source = rules.source and assigned.day_local = rules.date_day
    left join targets on assigned.source = targets.source and assigned.day_local = targets.date_day
),

final as (
    select
        source,
        agent_id,
        team_id,
        shift_pattern,
        shift_pattern_en,
        shift_pattern_zh,
        is_trainee,
        day_local,
        is_simulated,
        cast(signed_in_seconds as decimal(18, 3)) as signed_in_seconds,
        {%- for state in agent_states() %}
        {%- set name = 'signing_in' if state == 'signed_in' else state %}
        cast({{ name }}_seconds as decimal(18, 3)) as {{ name }}_seconds,
        {%- endfor %}
        cast(handling_seconds as decimal(18, 3)) as handling_seconds,
        cast(productive_seconds as decimal(18, 3)) as productive_seconds,
        cast(available_seconds as decimal(18, 3)) as available_seconds,
        cast(sign_ins as bigint) as sign_ins,
        cast(aways as bigint) as aways,
        cast(meals as bigint) as meals,
        cast(duty_signed_in_seconds as decimal(18, 3)) as duty_signed_in_seconds,
        cast(duty_away_seconds as decimal(18, 3)) as duty_away_seconds,
        cast(duty_aways as bigint) as duty_aways,
        cast(duty_meal_seconds as decimal(18, 3)) as duty_meal_seconds,
        cast(duty_meals as bigint) as duty_meals,
        cast(duty_sign_ins as bigint) as duty_sign_ins,
        cast(most_sign_ins as integer) as most_sign_ins,
        cast(inferred_starts as bigint) as inferred_starts,
        cast(inferred_ends as bigint) as inferred_ends,
        cast(repeated_events as bigint) as repeated_events,
        cast(events_set_right as bigint) as events_set_right,
        cast(scheduled_seconds as decimal(18, 3)) as scheduled_seconds,
        cast(scheduled_available_seconds as decimal(18, 3)) as scheduled_available_seconds,
        cast(unknown_activity_seconds as decimal(18, 3)) as unknown_activity_seconds,
        cast(paid_seconds as decimal(18, 3)) as paid_seconds,
        cast(adherent_seconds as decimal(18, 3)) as adherent_seconds,
        cast(present_seconds as decimal(18, 3)) as present_seconds,
        cast(serving_seconds as decimal(18, 3)) as serving_seconds,
        cast(case when present_seconds = 0 then scheduled_seconds else 0 end as decimal(18, 3)) as absent_seconds,
        cast(case when scheduled_seconds > 0 then available_seconds else 0 end as decimal(18, 3))
            as available_seconds_of_scheduled,
        cast(answered as bigint) as answered,
        cast(case when has_signed_in then answered else 0 end as bigint) as answered_of_signed_in,
        cast(contacts_answered as bigint) as contacts_answered,
        cast(visits_transferred as bigint) as visits_transferred,
        cast(outbound_reached as bigint) as outbound_reached,
        cast(visit_ring_seconds as bigint) as visit_ring_seconds,
        cast(visit_talk_seconds as bigint) as visit_talk_seconds,
        cast(visit_hold_seconds as bigint) as visit_hold_seconds,
        cast(visit_wrap_up_seconds as bigint) as visit_wrap_up_seconds,
        cast(handle_seconds as bigint) as handle_seconds,
        cast(handle_count as bigint) as handle_count,
        cast(calls_judged as bigint) as calls_judged,
        cast(overlong_calls as bigint) as overlong_calls,
        cast(wrap_ups_judged as bigint) as wrap_ups_judged,
        cast(overlong_wrap_ups as bigint) as overlong_wrap_ups,
        cast(ratings as bigint) as ratings,
        cast(ratings_satisfied as bigint) as ratings_satisfied,
        cast(has_signed_in as integer) as agent_days,
        cast(has_duty as integer) as duties,
        cast(has_duty and is_compliant as integer) as duties_compliant,
        cast(is_judged as integer) as agent_days_judged,
        cast(is_judged and is_busy as integer) as agent_days_busy,
        cast(occupancy_target * (handling_seconds + ready_seconds) as decimal(18, 3)) as occupancy_target_seconds,
        cast(utilisation_target * paid_seconds as decimal(18, 3)) as utilisation_target_seconds,
        cast(adherence_target * scheduled_seconds as decimal(18, 3)) as adherence_target_seconds,
        cast(contacts_per_hour_target * signed_in_seconds / 3600 as decimal(18, 3)) as contacts_target,
        cast(handle_time_target * handle_count as decimal(18, 3)) as handle_target_seconds,
        cast(case when has_duty then away_compliance_target else 0 end as decimal(18, 3)) as duties_compliant_target,
        cast(case when is_judged then busy_agent_share_target else 0 end as decimal(18, 3)) as agent_days_busy_target
    from combined
)

select * from final
