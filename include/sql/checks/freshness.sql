-- What the verdict is based on must have been read after the day was over.
SELECT
    charge_period_start,
    MAX(x_observed_at) AS observed_at
FROM cloud_costs
WHERE
    charge_period_start = :day
    AND x_source = :source
GROUP BY charge_period_start
HAVING MAX(x_observed_at) < :fresh_since
