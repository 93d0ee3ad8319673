-- Messages that somebody should have been told, first notifications only of spikes that stand; the pipeline's
-- words about itself and the details of what was told are none.
SELECT COUNT(spike_alerts.alert_id) AS undelivered
FROM spike_alerts
LEFT JOIN cost_spikes ON spike_alerts.spike_id = cost_spikes.spike_id
WHERE
    spike_alerts.x_state <> 'sent'
    AND spike_alerts.notify_reason <> 'details'
    AND spike_alerts.problem <> 'waits for the digest of the week'
    AND spike_alerts.x_source = :source
    AND spike_alerts.charge_period_start >= :since
    AND (spike_alerts.notify_reason <> 'first_notification' OR cost_spikes.spike_id IS NOT NULL)
