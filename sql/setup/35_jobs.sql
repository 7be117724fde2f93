-- Jobs run as this user: it may change the tables that jobs load, and is never the user of reports.
GRANT USAGE ON SCHEMA public TO ${JOBS_DB_USERNAME};

GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE nyc_yellow_taxi TO ${JOBS_DB_USERNAME};
