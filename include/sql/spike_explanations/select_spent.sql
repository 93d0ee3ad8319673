SELECT COALESCE(SUM(usd), 0) AS usd
FROM spike_explanations
WHERE claimed_at >= :since
