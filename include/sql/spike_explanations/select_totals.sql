-- What Claude ever took, by model; dollars only where the price of every answer is known.
SELECT
    model,
    SUM(input_tokens) AS input_tokens,
    SUM(output_tokens) AS output_tokens,
    CASE
        WHEN COUNT(CASE WHEN usd IS NULL AND output_tokens > 0 THEN 1 END) = 0 THEN COALESCE(SUM(usd), 0)
    END AS usd
FROM spike_explanations
GROUP BY model
