-- A model whose price is not known makes the dollars unknown, not zero.
SELECT
    COALESCE(SUM(input_tokens + output_tokens), 0) AS tokens,
    CASE
        WHEN COUNT(CASE WHEN usd IS NULL AND output_tokens > 0 THEN 1 END) = 0 THEN COALESCE(SUM(usd), 0)
    END AS usd
FROM spike_explanations
WHERE claimed_at >= :since
