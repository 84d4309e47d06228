#!/usr/bin/env bash
# On the first start of the server: for each service a database and a role that owns it, and nobody else's way into it.
# The passwords are <SERVICE>_DATABASE_PASSWORD. By hand, as an administrator whom PGHOST, PGUSER and PGPASSWORD name:
# SERVICES="intake" for only some.
set -euo pipefail
for service in ${SERVICES:-intake dispatch parts feedback notifier}; do
  password="${service^^}_DATABASE_PASSWORD"
  psql --no-psqlrc --quiet -v ON_ERROR_STOP=1 -v service="$service" -v password="${!password}" -d "${POSTGRES_DB:-postgres}" <<'SQL'
CREATE ROLE :"service" LOGIN PASSWORD :'password' NOSUPERUSER NOCREATEDB NOCREATEROLE;
ALTER ROLE :"service" SET statement_timeout = '15s';
ALTER ROLE :"service" SET lock_timeout = '5s';
ALTER ROLE :"service" SET idle_in_transaction_session_timeout = '30s';
CREATE DATABASE :"service" OWNER :"service";
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
SQL
done
psql --no-psqlrc --quiet -v ON_ERROR_STOP=1 -d "${POSTGRES_DB:-postgres}" -c 'REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC'
