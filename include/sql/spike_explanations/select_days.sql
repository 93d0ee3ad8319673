-- What Claude took for the spikes of each day; for one that was withdrawn, the day on which it was asked.
WITH asked AS (
    SELECT
        spike_explanations.model,
        spike_explanations.input_tokens,
        spike_explanations.output_tokens,
        spike_explanations.usd,
        COALESCE(cost_spikes.charge_period_start, CAST(spike_explanations.claimed_at AS DATE)) AS cost_day
    FROM spike_explanations
    LEFT JOIN cost_spikes ON spike_explanations.spike_id = cost_spikes.spike_id
)

SELECT
    cost_day,
    model,
    SUM(input_tokens) AS input_tokens,
    SUM(output_tokens) AS output_tokens,
    CASE
        WHEN COUNT(CASE WHEN usd IS NULL AND output_tokens > 0 THEN 1 END) = 0 THEN COALESCE(SUM(usd), 0)
    END AS usd
FROM asked
WHERE
    cost_day >= :start
    AND cost_day < :end
GROUP BY
    cost_day,
    model
