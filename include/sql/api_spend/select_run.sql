SELECT
    COALESCE(SUM(requests), 0) AS requests,
    COALESCE(SUM(usd), 0) AS usd
FROM api_spend
WHERE
    run_id = :run_id
    AND cost_day = :cost_day
