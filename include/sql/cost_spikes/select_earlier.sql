-- The spikes that a scope had before a day, as the newest verdicts hold them.
SELECT
    spike_id,
    charge_period_start,
    sub_account_id,
    service_name,
    sku_meter,
    region_id,
    billing_currency,
    detector,
    actual_cost,
    expected_cost,
    expected_low,
    expected_high,
    previous_cost,
    typical_cost,
    score,
    gates,
    contributors
FROM cost_spikes
WHERE
    charge_period_start >= :since
    AND charge_period_start < :day
    AND x_source = :source
    AND billing_currency = :billing_currency
    AND sub_account_id = :account_id
    AND service_name = :service
    AND sku_meter = :usage_type
    AND region_id = :region
ORDER BY charge_period_start
