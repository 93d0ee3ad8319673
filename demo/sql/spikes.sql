SELECT
    charge_period_start AS cost_day,
    spike_id,
    sub_account_id AS account_id,
    service_name AS service,
    billing_currency AS currency,
    impact,
    expected_cost
FROM cost_spikes
ORDER BY
    charge_period_start ASC,
    impact DESC
