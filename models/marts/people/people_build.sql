with final as (
    select
        '{{ env_var("HOTLINE_BUILD_ID", invocation_id) }}' as build_id,
        cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}+00' as timestamp with time zone) as built_at
)

select * from final
