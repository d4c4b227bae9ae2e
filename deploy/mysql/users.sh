# Creates the database's users when its data volume is new: one alters tables, one writes them, one reads.
# Passwords are files in /run/secrets. The entry point sources this file where it has a function for SQL, else runs it.

strandline_sql() {
  if declare -F docker_process_sql >/dev/null; then docker_process_sql --database=mysql; else mysql --user=root mysql; fi
}

strandline_password() { # as SQL text
  local text
  text=$(cat "/run/secrets/$1")
  text=${text//\\/\\\\}
  printf "'%s'" "${text//\'/\'\'}"
}

strandline_sql <<SQL
CREATE DATABASE IF NOT EXISTS strandline CHARACTER SET utf8mb4;
CREATE USER IF NOT EXISTS 'strandline_migrate'@'%' IDENTIFIED BY $(strandline_password migrate);
CREATE USER IF NOT EXISTS 'strandline_write'@'%' IDENTIFIED BY $(strandline_password write);
CREATE USER IF NOT EXISTS 'strandline_read'@'%' IDENTIFIED BY $(strandline_password read);
SQL
strandline_sql <"$(dirname "${BASH_SOURCE[0]}")/grants/grants.sql"
