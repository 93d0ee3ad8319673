SELECT
    charge_period_start AS cost_day,
    sub_account_id AS account_id,
    service_name AS service,
    billing_currency AS currency,
    COUNT(*) AS revisions,
    SUM(COALESCE(old_effective_cost, 0)) AS old_cost,
    SUM(COALESCE(new_effective_cost, 0)) AS new_cost
FROM cloud_cost_revisions
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4
