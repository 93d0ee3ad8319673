SELECT
    COALESCE(SUM(requests), 0) AS requests,
    COALESCE(SUM(usd), 0) AS usd
FROM api_spend
WHERE spent_at >= :since
