SELECT
    charge_period_start,
    channel,
    x_state,
    message_key,
    message,
    MIN(sent_at) AS sent_at
FROM spike_alerts
WHERE
    charge_period_start >= :since
    AND charge_period_start <= :until
    AND message <> ''
GROUP BY
    charge_period_start,
    channel,
    x_state,
    message_key,
    message
ORDER BY
    charge_period_start,
    message_key
