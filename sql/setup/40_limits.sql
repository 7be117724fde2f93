-- Pushboard stops a statement itself when its report's time is over. This is for one that it has lost sight of.
ALTER USER ${DB_USERNAME} SET statement_timeout TO ${STATEMENT_TIMEOUT};
