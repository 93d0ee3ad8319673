DELETE FROM usage_sums
WHERE
    charge_period_start >= :start
    AND charge_period_start < :end
    AND x_source = :source
