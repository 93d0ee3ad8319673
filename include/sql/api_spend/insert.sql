INSERT INTO api_spend (
    spent_at,
    cost_day,
    run_id,
    purpose,
    requests,
    usd
)
VALUES (
    :spent_at,
    :cost_day,
    :run_id,
    :purpose,
    :requests,
    :usd
)
