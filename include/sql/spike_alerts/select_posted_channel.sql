-- The id behind a channel's name, as Slack told it with an earlier message.
SELECT posted_channel
FROM spike_alerts
WHERE
    channel = :channel
    AND posted_channel <> ''
ORDER BY sent_at DESC
LIMIT 1
