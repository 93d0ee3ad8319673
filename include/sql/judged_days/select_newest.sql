SELECT MAX(charge_period_start) AS newest
FROM judged_days
WHERE x_source = :source
