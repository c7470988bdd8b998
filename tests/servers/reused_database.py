"""One database for one test after the other, each of which finds it as the migrations left it.

A copy for each test costs a tenth of a second of the processor; deleting what the last test stored
costs a few milliseconds. A test may do anything all the same: whoever touches the schema, or makes
statistics of the tables, makes the next one get a copy.
"""

import psycopg

from tests.servers.postgresql import PostgreSQL

# As a replica, so that no foreign key and no trigger of ours has a say.
_DELETE_ALL_ROWS = """
SET lock_timeout = '10s';
SET session_replication_role = replica;
DO $$
DECLARE name text; is_used boolean;
BEGIN
    FOR name IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    LOOP
        EXECUTE 'SELECT EXISTS (SELECT FROM ' || name || ')' INTO is_used;
        IF is_used THEN EXECUTE 'DELETE FROM ' || name; END IF;
    END LOOP;
    PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false)
        FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL;
END $$;
"""
# Whatever is made, changed, dropped or analysed shows here; what is made anew has another oid.
_SCHEMA = """
SELECT md5(string_agg(line, ' ' ORDER BY line)) FROM (
    SELECT concat('relation ', oid, relname, relkind, relchecks) AS line FROM pg_class
    WHERE relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT concat('column ', attrelid, attname, atttypid, atttypmod, attnotnull)
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT concat('trigger ', oid, tgname, tgenabled) FROM pg_trigger
    UNION ALL
    SELECT concat('function ', oid, proname) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
    UNION ALL
    SELECT concat('constraint ', oid, conname) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
    UNION ALL
    SELECT concat('version ', version_num) FROM alembic_version
    UNION ALL
    -- After ANALYZE: the next test would be planned by what the last one had.
    SELECT concat('known ', starelid, staattnum) FROM pg_statistic
    JOIN pg_class ON pg_class.oid = starelid WHERE relnamespace = 'public'::regnamespace
) lines
"""


class ReusedDatabase:
    def __init__(self, server: PostgreSQL, *, template: str) -> None:
        self._server = server
        self._template = template
        self._connection: psycopg.Connection | None = None
        self._url = ""
        self._schema: object = None

    def fresh_url(self) -> str:
        """The database's address; no row is in it, and its ids begin at 1."""
        if not self._is_cleaned():
            self._copy_template()
        return self._url

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _is_cleaned(self) -> bool:
        """False when only a new copy will do."""
        if self._connection is None:
            return False
        try:
            self._connection.execute(_DELETE_ALL_ROWS.encode())
            return self._read_schema(self._connection) == self._schema
        except psycopg.Error:  # somebody holds a lock, or dropped what is asked for
            return False

    def _copy_template(self) -> None:
        if self._url:
            self.close()
            self._server.drop_later(self._url)
        self._url = self._server.fresh_database(template=self._template)
        self._connection = psycopg.connect(self._url, autocommit=True)
        self._schema = self._read_schema(self._connection)

    def _read_schema(self, connection: psycopg.Connection) -> object:
        return connection.execute(_SCHEMA.encode()).fetchone()
