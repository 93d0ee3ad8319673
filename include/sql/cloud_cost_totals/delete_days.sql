DELETE FROM cloud_cost_totals
WHERE
    charge_period_start >= :start
    AND charge_period_start < :end
    AND x_source = :source
