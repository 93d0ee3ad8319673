-- The alerts of some days whose spikes still stand, largest first.
SELECT
    spike_alerts.spike_id,
    spike_alerts.message_key,
    spike_alerts.x_state,
    spike_alerts.charge_period_start,
    cost_spikes.impact
FROM spike_alerts
INNER JOIN cost_spikes ON spike_alerts.spike_id = cost_spikes.spike_id
WHERE
    spike_alerts.charge_period_start >= :since
    AND spike_alerts.charge_period_start <= :until
ORDER BY
    cost_spikes.impact DESC,
    spike_alerts.spike_id ASC
