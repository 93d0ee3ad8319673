DELETE FROM judged_days
WHERE
    charge_period_start = :day
    AND x_source = :source
