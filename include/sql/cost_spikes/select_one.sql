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
WHERE spike_id = :spike_id
