"""The schema's version: bringing a file up to date, and refusing one from the future.

Migrations run from the installed package, all in the caller's transaction: a process
killed in the middle leaves the file as it was.
"""

from __future__ import annotations

import logging

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from standardsd.store.trouble import StoreTrouble

log = logging.getLogger(__name__)

logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells at every start what it is about to look at

LOCATION = "standardsd.store:migrations"


def scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def bring_up_to_date(connection: Connection, name: str, *, migrate: bool) -> bool:
    """Whether anything was done.  A newer schema is a StoreTrouble; an older one too, without ``migrate``."""
    found = MigrationContext.configure(connection).get_current_revision()
    directory = scripts()
    newest = directory.get_current_head()
    if found == newest:
        return False
    known = {script.revision for script in directory.walk_revisions()}
    if found is not None and found not in known:
        raise StoreTrouble(
            f"{name}: its schema {found} is newer than this program's {newest}",
            "run the newer standardsd that wrote it, or bring back a backup made before the upgrade",
        )
    if not migrate:
        raise StoreTrouble(
            f"{name}: its schema is {found or 'empty'}, this program's is {newest}",
            "start `standardsd run` once: it brings the file up to date",
        )
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    log.info("%s: the schema is now %s, it was %s", name, newest, found or "empty")
    return True


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", LOCATION)
    config.set_main_option("path_separator", "os")
    return config
