-- How many usage rows there are, zeros included.
SELECT COUNT(*) AS usage_rows
FROM cloud_costs
WHERE
    charge_period_start >= :start
    AND charge_period_start < :end
    AND x_source = :source
    AND x_charge_type = :charge_type
