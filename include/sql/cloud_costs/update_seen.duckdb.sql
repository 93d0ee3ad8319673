-- Rows that were read again and found as they were.
UPDATE cloud_costs SET
    x_observed_at = :observed_at,
    x_run_id = :run_id
WHERE
    charge_period_start >= :start
    AND charge_period_start < :end
    AND x_source = :source
