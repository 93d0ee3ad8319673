-- The answers that are known for the earlier spikes of a scope. One spike of an incident is explained, which
-- may be another scope's (the service's, the total's): its answer is that of all. A spike's own comes last,
-- and of equals the newest.
SELECT
    cost_spikes.spike_id,
    spike_explanations.answer
FROM cost_spikes
INNER JOIN cost_spikes AS explained ON cost_spikes.incident_id = explained.incident_id
INNER JOIN spike_explanations ON explained.spike_id = spike_explanations.spike_id
WHERE
    cost_spikes.charge_period_start >= :since
    AND cost_spikes.charge_period_start < :day
    AND cost_spikes.x_source = :source
    AND cost_spikes.billing_currency = :billing_currency
    AND cost_spikes.sub_account_id = :account_id
    AND cost_spikes.service_name = :service
    AND explained.charge_period_start < :day
    AND spike_explanations.answer <> ''
ORDER BY
    CASE WHEN explained.spike_id = cost_spikes.spike_id THEN 1 ELSE 0 END,
    spike_explanations.claimed_at
