SELECT
    COUNT(DISTINCT charge_period_start) AS days,
    COUNT(*) AS cost_rows,
    MIN(charge_period_start) AS first_day,
    MAX(charge_period_start) AS last_day,
    (SELECT COALESCE(SUM(requests), 0) FROM api_spend) AS requests,
    (SELECT COALESCE(SUM(usd), 0) FROM api_spend) AS usd,
    (SELECT COUNT(*) FROM cloud_cost_revisions) AS revisions
FROM cloud_costs
