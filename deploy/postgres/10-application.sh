#!/bin/sh
# Runs once, when the database is made: the application's role, no superuser, and its database.
set -eu
psql --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv password CCM_DATABASE_PASSWORD
CREATE ROLE ccm LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE ccm OWNER ccm;
SQL
