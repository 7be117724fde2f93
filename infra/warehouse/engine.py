"""The warehouse itself: one DuckDB file, fenced in, and the folders beside it. Used by `runner`, `sessions`, `catalog`.

The fence, besides `name_resolution` and the functions that `redshift_sql` knows: no file access outside the results
folder, no extensions, no Python variables as tables, and the configuration is locked before the first statement.
"""

import hashlib
import shutil
import threading
from pathlib import Path

import duckdb

from infra.redshift_sql import macros
from infra.warehouse import privileges, system_views
from infra.warehouse.constants import Constants
from infra.warehouse.prepared import PreparedQueries

MEMORY_LIMIT = "320MB"  # what does not fit, such as a big temporary table, goes to files
_CONFIG = {
    "threads": "2",
    "memory_limit": MEMORY_LIMIT,
    "integer_division": "true",  # Redshift: int / int is an int
    "ieee_floating_point_ops": "false",  # Redshift: dividing a float by zero is an error as well
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}
_STATEMENTS = (*privileges.STATEMENTS, *macros.STATEMENTS, *system_views.STATEMENTS)
_DIGEST = hashlib.sha256("\n".join((duckdb.__version__, *_STATEMENTS)).encode()).hexdigest()
_INSTALLED = "CREATE TABLE IF NOT EXISTS redshift_catalog.installed (digest VARCHAR NOT NULL)"


class Engine:
    """Opens the warehouse file; `cursor()` gives each statement or session a connection of its own."""

    def __init__(self, database: Path, admins: frozenset[str]) -> None:
        database.parent.mkdir(parents=True, exist_ok=True)
        self.results = _emptied(database.with_name(database.name + ".results"))
        self.staging = _emptied(database.with_name(database.name + ".staging"))
        spool = _emptied(database.with_name(database.name + ".spool"))
        self.prepared = PreparedQueries()
        self.constants = Constants(self.cursor)
        self.write_lock = threading.Lock()
        self.unload_lock = threading.Lock()
        self._opening = threading.Lock()
        self._connection = duckdb.connect(str(database), config={**_CONFIG, "temp_directory": str(spool)})
        self._install(admins)
        self._fence()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A new connection to the same warehouse; whoever asks closes it."""
        with self._opening:
            return self._connection.cursor()

    def close(self) -> None:
        """Write everything to the file and let go of it. Cursors must be closed before."""
        with self._opening:
            self._connection.close()

    def _install(self, admins: frozenset[str]) -> None:
        """Tables, macros and views stay in the file: they are made once, and anew when they have changed."""
        if not self._is_installed():
            self._connection.execute("BEGIN")
            for statement in (*_STATEMENTS, _INSTALLED, "DELETE FROM redshift_catalog.installed"):
                self._connection.execute(statement)
            self._connection.execute("INSERT INTO redshift_catalog.installed VALUES ($1)", [_DIGEST])
            self._connection.execute("COMMIT")
        privileges.add_superusers(self._connection, admins)

    def _is_installed(self) -> bool:
        try:
            found = self._connection.execute("SELECT digest FROM redshift_catalog.installed").fetchall()
        except duckdb.CatalogException:
            return False
        return found == [(_DIGEST,)]

    def _fence(self) -> None:
        folders = ", ".join(f"'{_quoted(folder)}/'" for folder in (self.results, self.staging))
        for setting in (
            "GLOBAL TimeZone = 'UTC'",
            f"allowed_directories = [{folders}]",
            "enable_external_access = false",
            "lock_configuration = true",
        ):
            self._connection.execute(f"SET {setting}")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _emptied(folder: Path) -> Path:
    """Results do not outlive the process that knows their statements."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder.resolve()
