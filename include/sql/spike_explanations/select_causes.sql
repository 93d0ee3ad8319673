-- The answers that were given for the spikes of a scope before a day, the newest of a spike last.
SELECT
    spike_explanations.spike_id,
    spike_explanations.answer
FROM spike_explanations
INNER JOIN cost_spikes ON spike_explanations.spike_id = cost_spikes.spike_id
WHERE
    cost_spikes.charge_period_start >= :since
    AND cost_spikes.charge_period_start < :day
    AND cost_spikes.billing_currency = :billing_currency
    AND cost_spikes.sub_account_id = :account_id
    AND cost_spikes.service_name = :service
    AND spike_explanations.answer <> ''
ORDER BY spike_explanations.claimed_at
