#!/bin/sh
# Three roles, none of them a superuser, and the database. It runs when the database is made, and may
# be run again, to bring roles of an older version up to date or to change passwords:
#   docker compose exec postgres sh /docker-entrypoint-initdb.d/10-application.sh
#
#   owner   owns the tables: `callcenter migrate`, `backup`, `restore`
#   app     web, live and beat: reads and writes rows
#   worker  workers: the same, and takes out months of calls that are over
# What app and worker may do with which table, `callcenter migrate` says (ccm/roles.py).
set -eu
psql --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set owner="${CCM_OWNER_ROLE:-ccm}" --set app="${CCM_APP_ROLE:-ccm_app}" \
    --set worker="${CCM_WORKER_ROLE:-ccm_worker}" --set database="${CCM_DATABASE:-ccm}" <<'SQL'
\getenv owner_password CCM_DATABASE_PASSWORD
\getenv app_password CCM_APP_PASSWORD
\getenv worker_password CCM_WORKER_PASSWORD
SELECT format('CREATE ROLE %I', name) FROM unnest(ARRAY[:'owner', :'app', :'worker']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE :"owner" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'owner_password';
ALTER ROLE :"app" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'app_password';
ALTER ROLE :"worker" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'worker_password';
SELECT format('CREATE DATABASE %I OWNER %I', :'database', :'owner')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
-- Nobody comes in but these. Work of a moment is done in temporary tables.
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE :"database" TO :"app", :"worker";
SQL
