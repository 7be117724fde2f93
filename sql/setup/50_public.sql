-- Only with the parameter RevokePublicCreate. Redshift lets every user create tables in the schema public until that is
-- taken from PUBLIC, from all users of this database: those who need it must be granted it by name.
REVOKE ${REVOKED_FROM_PUBLIC} ON SCHEMA public FROM PUBLIC;
