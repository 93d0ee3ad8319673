SELECT
    COUNT(CASE WHEN spike_explanations.x_state = 'answered' THEN 1 END) AS answered,
    COUNT(CASE WHEN spike_explanations.x_state = 'failed' THEN 1 END) AS failed,
    COALESCE(SUM(spike_explanations.input_tokens), 0) AS input_tokens,
    COALESCE(SUM(spike_explanations.output_tokens), 0) AS output_tokens,
    SUM(spike_explanations.usd) AS usd
FROM spike_explanations
INNER JOIN cost_spikes ON spike_explanations.spike_id = cost_spikes.spike_id
WHERE cost_spikes.charge_period_start = :day
