-- The messages of some days, first notifications and their details only of spikes that stand; the largest
-- first, then what goes on with an incident; not what the pipeline says about itself.
SELECT
    spike_alerts.alert_id,
    spike_alerts.notify_reason,
    spike_alerts.spike_id,
    spike_alerts.message_key,
    spike_alerts.channel,
    spike_alerts.x_state,
    spike_alerts.charge_period_start,
    spike_alerts.notice,
    spike_alerts.x_created_at,
    COALESCE(cost_spikes.impact, 0) AS impact
FROM spike_alerts
LEFT JOIN cost_spikes ON spike_alerts.spike_id = cost_spikes.spike_id
WHERE
    spike_alerts.charge_period_start >= :since
    AND spike_alerts.charge_period_start <= :until
    AND spike_alerts.incident_id <> 'pipeline'
    AND (
        spike_alerts.notify_reason NOT IN ('first_notification', 'details')
        OR cost_spikes.spike_id IS NOT NULL
    )
ORDER BY
    CASE WHEN spike_alerts.notify_reason = 'first_notification' THEN 0 ELSE 1 END ASC,
    COALESCE(cost_spikes.impact, 0) DESC,
    spike_alerts.alert_id ASC
