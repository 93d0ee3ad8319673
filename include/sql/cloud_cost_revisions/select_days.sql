-- The days whose usage a landing changed; only those have to be judged again.
SELECT DISTINCT charge_period_start
FROM cloud_cost_revisions
WHERE
    x_observed_at = :observed_at
    AND x_source = :source
    AND x_charge_type = :charge_type
ORDER BY charge_period_start
