-- Alerts that somebody should have been told of; the pipeline's words about itself are none.
SELECT COUNT(DISTINCT spike_alerts.spike_id) AS undelivered
FROM spike_alerts
INNER JOIN cost_spikes ON spike_alerts.spike_id = cost_spikes.spike_id
WHERE
    spike_alerts.x_state <> 'sent'
    AND spike_alerts.charge_period_start >= :since
