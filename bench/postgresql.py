"""The PostgreSQL of the tests, with its own defaults, full durability among them, and measured."""

import psutil
import psycopg

from tests.servers.postgresql import PostgreSQL


class MeasuredPostgreSQL(PostgreSQL):
    """Started when it is made; its files lie in the system's folder for temporary ones."""

    def __init__(self) -> None:
        super().__init__(durable=True)

    def __enter__(self) -> "MeasuredPostgreSQL":
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def new_database(self, name: str) -> str:
        """Its address."""
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def drop_database(self, name: str) -> None:
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def version(self) -> str:
        with psycopg.connect(self.url()) as connection:
            return str(connection.info.parameter_status("server_version"))

    def cpu_seconds(self) -> float:
        """What all its processes that still run used so far."""
        server = psutil.Process(self._process.pid)
        return sum(float(sum(each.cpu_times()[:2])) for each in (server, *server.children()))
