SELECT
    purpose,
    SUM(requests) AS requests,
    SUM(usd) AS usd
FROM api_spend
GROUP BY purpose
