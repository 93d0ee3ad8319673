SELECT
    MAX(model) AS model,
    COUNT(*) AS questions,
    COUNT(CASE WHEN x_state = 'answered' THEN 1 END) AS answered,
    COALESCE(SUM(input_tokens), 0) AS input_tokens,
    COALESCE(SUM(output_tokens), 0) AS output_tokens,
    SUM(usd) AS usd
FROM spike_explanations
