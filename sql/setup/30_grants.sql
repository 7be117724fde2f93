-- Reports run as this user, and it can only read. Redshift lets every user create tables in the schema public until
-- that is taken from PUBLIC; users who need it must be granted it by name.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;

GRANT USAGE ON SCHEMA public TO ${DB_USERNAME};

GRANT SELECT ON TABLE nyc_yellow_taxi TO ${DB_USERNAME};
