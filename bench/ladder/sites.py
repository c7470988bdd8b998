"""The instances of a run: one on each database, and one for each yardstick to be served from."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.instance import Instance, Server
from bench.ladder import rungs
from bench.ladder.stations import NO_DATABASE, POSTGRESQL, Site, Station
from bench.population import Size, load_release, populate
from bench.postgresql import MeasuredPostgreSQL

_YARDSTICKS_CONFIGURATION = Path(__file__).with_name("yardsticks_gunicorn.py")
_ANY_PATH = "/api/projects"  # answers anybody, if only with 401


def fill(
    folder: Path,
    databases: list[str],
    *,
    projects: int,
    rows: int,
    postgresql: MeasuredPostgreSQL | None,
) -> list[Site]:
    """Instances with so many projects, and so many rows of feedback and sessions in one of them."""
    size = Size(
        projects=projects,
        feedback=rows,
        feedback_in_large=rows,
        sessions=rows,
        sessions_in_large=rows,
        users_in_large=max(1, rows * 2 // 5),
    )
    sites = []
    for database in databases:
        server_process = postgresql if database == POSTGRESQL else None
        url = server_process.new_database("ladder") if server_process else ""
        instance = Instance(folder / database, url).migrate()
        with instance.app_context():
            population = populate(size, label=database)
            # Hardly a session is the first one of its release.
            load_release(rungs.RELEASE, label=database)
        sites.append(Site(database, instance, population, server_process))
    return sites


@contextmanager
def serve(folder: Path, sites: list[Site], wanted: list[str]) -> Iterator[list[Station]]:
    """A gunicorn for each site and each yardstick; all of them idle until they are asked."""
    with ExitStack() as running:
        stations = []
        for rung in rungs.yardsticks():
            if rung.name in wanted:
                name = rungs.YARDSTICKS[rung.name]
                instance = Instance(folder / name)
                instance.folder.mkdir()
                application = f"bench.ladder.yardsticks:{name}"
                server = Server(instance, "-c", str(_YARDSTICKS_CONFIGURATION), application)
                running.enter_context(server).wait_for(rung.method, rung.path, rung.bodies[0])
                stations.append(Station(rung, NO_DATABASE, server, [""]))
        for site in sites:
            server = running.enter_context(Server(site.instance)).wait_for("GET", _ANY_PATH)
            stations += [
                Station(
                    rung,
                    site.database,
                    server,
                    site.population.project_tokens,
                    site.server_process,
                )
                for rung in rungs.of_service(site.population)
                if rung.name in wanted
            ]
        yield stations
