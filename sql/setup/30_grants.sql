-- Reports run as this user, and it can only read.
GRANT USAGE ON SCHEMA public TO ${DB_USERNAME};

GRANT SELECT ON TABLE nyc_yellow_taxi TO ${DB_USERNAME};

-- An export collects its rows in a temporary table, which goes with its session. Redshift lets PUBLIC make such tables,
-- but many take that away. We do not: others who use this database may need it, and nothing of it can be kept.
GRANT TEMP ON DATABASE ${DATABASE} TO ${DB_USERNAME};
