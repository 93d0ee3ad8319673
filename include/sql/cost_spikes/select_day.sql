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
    charge_period_start = :day
    AND x_source = :source
ORDER BY
    impact DESC,
    spike_id ASC
