-- The newest day that has data, and when it was read.
SELECT
    charge_period_start,
    MAX(x_observed_at) AS observed_at
FROM cloud_cost_totals
WHERE
    x_source = :source
    AND x_groups > 0
    AND charge_period_start <= :until
GROUP BY charge_period_start
ORDER BY charge_period_start DESC
LIMIT 1
