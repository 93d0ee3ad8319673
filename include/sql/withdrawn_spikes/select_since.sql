SELECT
    spike_id,
    incident_id,
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
    score
FROM withdrawn_spikes
WHERE
    charge_period_start >= :since
    AND charge_period_start <= :as_of
    AND x_source = :source
ORDER BY
    charge_period_start,
    spike_id
