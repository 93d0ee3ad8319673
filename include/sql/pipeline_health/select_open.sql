-- What people may still have to look at.
SELECT COUNT(*) AS incidents
FROM incidents
WHERE x_state IN ('open', 'ongoing')
