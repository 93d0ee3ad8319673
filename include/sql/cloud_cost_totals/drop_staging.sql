DROP TABLE landing_totals
