with source as (
    select * from {{ source('bank_1999', 'bank_1999_calls') }}
),

types as (
    select * from {{ ref('bank_1999_types') }}
),

-- 0:00:00 in both ends means that a phase did not happen; in one of them it is midnight.
phases as (
    select
        *,
        q_start <> time '00:00:00' or q_exit <> time '00:00:00' as was_queued,
        ser_start <> time '00:00:00' or ser_exit <> time '00:00:00' as was_served
    from source
),

-- The log has one date per call, that of vru_entry. A small-hours time of an evening call belongs to the next day; one
-- that is a minute early is a fault of the voice unit's clock and stays on the day.
clocked as (
    select
        *,
        {{ date_with_time('date', 'vru_entry') }} as entered_local,
        {{ bank_1999_local('vru_exit') }} as self_service_left_local,
        case when was_queued then {{ bank_1999_local('q_start') }} end as queue_entered_local,
        case when was_queued then {{ bank_1999_local('q_exit') }} end as queue_left_local,
        case when was_served then {{ bank_1999_local('ser_start') }} end as service_entered_local,
        case when was_served then {{ bank_1999_local('ser_exit') }} end as service_left_local
    from phases
),

folded as (
    select
        *,
        case
            when outcome = 'PHANTOM' then 'test'
            when outcome = 'AGENT' then 'answered'
            when was_queued then 'abandoned'
            else 'left_in_self_service'
        end as contract_outcome,
        -- An agent who was free at once: the call reached the queue and left it in the same second.
        case
            when was_queued then queue_entered_local
            when outcome = 'AGENT' then self_service_left_local
        end as queued_local,
        case when outcome = 'AGENT' then coalesce(service_entered_local, queue_left_local, self_service_left_local) end
            as answered_local,
        -- A hung-up call may carry seconds of service by NO_SERVER: the outcome counts, nobody served it.
        coalesce(
            case when outcome <> 'HANG' then service_left_local end,
            queue_left_local,
            self_service_left_local
        ) as left_local
    from clocked
),

renamed as (
    select
        -- ids
        folded._source as source,
        cast(folded.date as varchar) || '/' || folded.vru_line || '/' || cast(folded.call_id as varchar) as contact_id,
        1 as source_visit_no,
        coalesce(types.queue, 'undocumented') as queue,
        folded.type as business_type,
        nullif(folded.customer_id, '0') as customer,
        case when folded.outcome = 'AGENT' then nullif(folded.server, 'NO_SERVER') end as agent,
        cast(null as varchar) as ticket_id,
        cast(null as varchar) as outage_id,
        folded._file_id as raw_file_id,
        folded._row_number as raw_row_number,

        -- strings
        'phone' as channel,
        coalesce(types.direction, 'inbound') as direction,
        cast(null as varchar) as call_kind,
        cast(folded.priority as varchar) as priority,
        folded.contract_outcome as outcome,
        folded.outcome as source_outcome,
        cast(null as varchar) as transferred_to,
        cast(null as varchar) as rating_scale,
        cast(null as varchar) as ended_by,
        cast(null as varchar) as place,
        cast(null as varchar) as spoken_language,

        -- numerics
        case when folded.queued_local is not null then folded.q_time end as wait_seconds,
        cast(null as integer) as ring_seconds,
        case when folded.outcome = 'AGENT' and folded.was_served then folded.ser_time end as talk_seconds,
        cast(null as integer) as hold_seconds,
        cast(null as integer) as number_of_holds,
        cast(null as integer) as longest_hold_seconds,
        cast(null as integer) as wrap_up_seconds,
        cast(null as integer) as rating,

        -- booleans
        cast(null as boolean) as is_rating_offered,
        cast(null as boolean) as is_by_trainee,
        false as is_simulated,

        -- dates and times
        folded._time_zone as time_zone,
        {{ instant_of('folded.entered_local', 'folded._time_zone') }} as entered_at,
        folded.entered_local,
        {{ instant_of('folded.queued_local', 'folded._time_zone') }} as queued_at,
        folded.queued_local,
        {{ instant_of('folded.answered_local', 'folded._time_zone') }} as answered_at,
        folded.answered_local,
        {{ instant_of('folded.left_local', 'folded._time_zone') }} as left_at,
        folded.left_local
    from folded
    left join types on folded.type = types.type
)

select * from renamed
