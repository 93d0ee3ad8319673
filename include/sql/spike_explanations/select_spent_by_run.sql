SELECT COALESCE(SUM(usd), 0) AS usd
FROM spike_explanations
WHERE SUBSTR(claimed_by, 1, LENGTH(:claims)) = :claims
