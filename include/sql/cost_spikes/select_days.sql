-- The verdicts of some days.
SELECT
    charge_period_start,
    x_scope,
    sub_account_id,
    service_name,
    billing_currency,
    expected_cost,
    expected_low,
    expected_high,
    impact,
    score
FROM cost_spikes
WHERE
    charge_period_start >= :start
    AND charge_period_start < :end
    AND x_source = :source
