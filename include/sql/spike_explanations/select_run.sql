-- What the task instances of one run asked Claude, and what that cost: nothing at all is 0, a model whose
-- price is not known makes it unknown.
SELECT
    COUNT(CASE WHEN x_state = 'answered' THEN 1 END) AS answered,
    COUNT(CASE WHEN x_state = 'failed' THEN 1 END) AS failed,
    COALESCE(SUM(input_tokens), 0) AS input_tokens,
    COALESCE(SUM(output_tokens), 0) AS output_tokens,
    CASE
        WHEN COUNT(CASE WHEN usd IS NULL AND output_tokens > 0 THEN 1 END) = 0 THEN COALESCE(SUM(usd), 0)
    END AS usd
FROM spike_explanations
WHERE SUBSTR(claimed_by, 1, LENGTH(:claims)) = :claims
