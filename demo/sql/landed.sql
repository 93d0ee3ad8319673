SELECT
    COUNT(DISTINCT charge_period_start) AS landed_days,
    COUNT(*) AS cost_rows,
    MIN(charge_period_start) AS first_day,
    MAX(charge_period_start) AS last_day,
    (SELECT COALESCE(SUM(api_spend.requests), 0) FROM api_spend) AS requests,
    (SELECT COALESCE(SUM(api_spend.usd), 0) FROM api_spend) AS usd
FROM cloud_costs
