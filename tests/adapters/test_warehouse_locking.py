"""DuckDB lets one process in at a time, and processes die: nobody waits for ever, and nothing is half there."""

import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import duckdb
import pytest

from costspike.adapters.warehouse.cost_tables import CostTables
from costspike.adapters.warehouse.database import Database
from costspike.domain.errors import WarehouseBusy
from tests.cost_pages import DAY
from tests.landings import landing
from tests.postgres_server import PostgresServer
from tests.warehouses import duckdb_warehouse, postgres_warehouse, query

PROJECT = Path(__file__).parents[2]
SOON = 30

HOLD = """
    import duckdb, sys
    connection = duckdb.connect(sys.argv[1])
    print("held", flush=True)
    sys.stdin.readline()
    connection.close()
    """

# Lands 500 rows over 2 of the same name, and dies after the rows were replaced and before the commit.
DIE = """
    import os, signal, sys
    from pathlib import Path
    import costspike.adapters.warehouse.database as database
    from costspike.adapters.warehouse.cost_tables import CostTables
    from tests.cost_pages import DAY
    from tests.landings import landing
    from tests.postgres_server import PostgresDatabase
    from tests.warehouses import duckdb_warehouse, postgres_warehouse

    run = database.Transaction.run

    def deadly(self, name, **parameters):
        if name == sys.argv[1]:
            print("about to die", flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
        return run(self, name, **parameters)

    database.Transaction.run = deadly
    kind, where = sys.argv[2], sys.argv[3:]
    if kind == "duckdb":
        warehouse = duckdb_warehouse(Path(where[0]))
    else:
        warehouse = postgres_warehouse(PostgresDatabase(name=where[0], port=int(where[1]), password=where[2]))
    CostTables(warehouse).replace_days(landing({(DAY, f"service {n}"): "9" for n in range(500)}))
    """


def python(code: str, *arguments: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": f"{PROJECT / 'plugins'}:{PROJECT}", "PATH": ""},
    )


@pytest.fixture
def held(tmp_path: Path) -> Any:
    """Yield a file that another process holds, and a way to let it go."""
    file = tmp_path / "costs.duckdb"
    CostTables(duckdb_warehouse(file)).replace_days(landing({(DAY, "S3"): "2"}))
    with python(HOLD, file) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield file, lambda: holder.communicate("\n", timeout=SOON)
        holder.kill()


def test_a_file_that_another_process_holds_is_waited_for(held: Any) -> None:
    file, let_go = held
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            let_go()

    database = duckdb_warehouse(file, sleep=sleep)
    assert query(database, "SELECT service_name FROM cloud_costs") == [("S3",)]
    assert len(waited) >= 3


def test_a_file_that_stays_held_is_an_error_that_waiting_heals(held: Any) -> None:
    file, _ = held
    database = duckdb_warehouse(file, busy_seconds=0.2)
    with pytest.raises(
        WarehouseBusy, match=r"stayed locked for 0 s.*pool costspike_warehouse, or use Postgres"
    ) as busy:
        CostTables(database).landed_days()
    assert busy.value.retryable


def test_a_warehouse_that_was_busy_at_first_is_usable_after(held: Any) -> None:
    file, let_go = held
    database = duckdb_warehouse(file.with_name("fresh.duckdb"), busy_seconds=0.1)
    blocked = Database(
        connect=lambda: duckdb.connect(str(file)), engine="duckdb", placeholder="?", busy_seconds=0.1
    )
    with pytest.raises(WarehouseBusy):
        CostTables(blocked).landed_days()
    let_go()
    assert list(CostTables(blocked).landed_days()) == [DAY]
    assert CostTables(database).landed_days() == {}


def test_what_is_no_database_is_not_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "costs.duckdb"
    file.write_text("this is no database" * 1000)
    with pytest.raises(duckdb.IOException, match="valid DuckDB database"):
        CostTables(duckdb_warehouse(file)).landed_days()


@pytest.mark.parametrize(
    "statement",
    ["cloud_costs/insert_landing", "cloud_cost_totals/insert"],
)
@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_a_kill_in_the_middle_of_landing_leaves_the_warehouse_whole(
    request: pytest.FixtureRequest, tmp_path: Path, engine: str, statement: str
) -> None:
    where: tuple[Any, ...]
    if engine == "duckdb":
        file = tmp_path / "costs.duckdb"
        database, where = duckdb_warehouse(file), (file,)
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        own = server.new_database()
        database, where = postgres_warehouse(own), (own.name, own.port, own.password)
    tables = CostTables(database)
    tables.replace_days(landing({(DAY, "S3"): "2", (DAY, "EC2"): "3"}))
    before = query(database, "SELECT * FROM cloud_costs ORDER BY service_name")
    with python(DIE, statement, engine, *where) as victim:
        out, err = victim.communicate(timeout=SOON)
    assert (victim.returncode, out) == (-9, "about to die\n"), err
    assert query(database, "SELECT * FROM cloud_costs ORDER BY service_name") == before
    assert query(database, "SELECT COUNT(*) FROM cloud_cost_revisions") == [(0,)]
    tables.replace_days(landing({(DAY, "S3"): "2", (DAY, "EC2"): "4"}))
    assert query(database, "SELECT SUM(billed_cost) FROM cloud_costs") == [(6,)]
