DROP TABLE landing
