DROP TABLE landing_sums
