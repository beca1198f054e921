with contract_calls as (
    select * from {{ ref('stg_hotline__calls') }}
),

bank_1999_calls as (
    select * from {{ ref('stg_bank_1999__calls') }}
),

unioned as (
    select * from contract_calls
    union all
    select * from bank_1999_calls
)

select * from unioned
