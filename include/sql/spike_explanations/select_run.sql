-- What the task instances of one run asked Claude, and what that cost.
SELECT
    COUNT(CASE WHEN x_state = 'answered' THEN 1 END) AS answered,
    COUNT(CASE WHEN x_state = 'failed' THEN 1 END) AS failed,
    COALESCE(SUM(input_tokens), 0) AS input_tokens,
    COALESCE(SUM(output_tokens), 0) AS output_tokens,
    SUM(usd) AS usd
FROM spike_explanations
WHERE SUBSTR(claimed_by, 1, LENGTH(:claims)) = :claims
