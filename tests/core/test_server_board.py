"""A board on a PostgreSQL server: what only a server can answer, and what is said about it."""

import peewee
import pytest

from kbtui.core.db import database
from kbtui.core.db.engine.postgres import PostgresEngine
from kbtui.core.db.models import Setting
from kbtui.core.projects import settings
from kbtui.core.tasks import tasks
from kbtui.errors import (
    DatabaseBusyError,
    DatabaseCorruptError,
    DatabaseError,
    DatabaseFullError,
    DatabaseReadOnlyError,
    InvalidError,
    KbtuiError,
)
from tests import sql
from tests.core.other_processes import python

WITHOUT_DRIVER = """
import sys
from kbtui.core.db import database
from kbtui.errors import DatabaseError

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "psycopg":
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Missing())
try:
    database.connect_server("postgresql://user@host/board")
except DatabaseError as error:
    print(error)
"""


def test_a_server_without_the_driver_is_an_error_in_words() -> None:
    said, complaint = python(WITHOUT_DRIVER).communicate()

    assert (said, complaint) == (
        "A board on a PostgreSQL server needs psycopg; install it with: pip install 'psycopg[binary]'\n",
        "",
    )


@pytest.mark.parametrize("url", ["secret", "postgresql://me:secret@[::1/x", "postgresql://host/x?secret=1"])
def test_a_url_that_cannot_be_read_is_an_error_in_words_without_its_password(url: str) -> None:
    with pytest.raises(DatabaseError, match="cannot be read; write it as postgresql://user@host/name") as refused:
        database.connect_server(url)

    assert "secret" not in str(refused.value)


def test_a_server_that_does_not_run_is_an_error_in_words() -> None:
    with pytest.raises(DatabaseError, match=r"^x on 127\.0\.0\.1, schema public cannot be reached; check that the"):
        database.connect_server("postgresql://me:secret@127.0.0.1:1/x")


@pytest.mark.parametrize(
    ("state", "kind", "words"),
    [
        ("55P03", DatabaseBusyError, "is locked by another program"),
        ("40P01", DatabaseBusyError, "is locked by another program"),
        ("40001", DatabaseBusyError, "is locked by another program"),
        ("53100", DatabaseFullError, "No room is left for"),
        ("25006", DatabaseReadOnlyError, "cannot be written"),
        ("42501", DatabaseReadOnlyError, "cannot be written"),
        ("XX001", DatabaseCorruptError, "is damaged"),
        ("22003", InvalidError, "A number is too large"),
        ("28P01", DatabaseError, "does not let you in"),
        ("3D000", DatabaseError, "does not let you in"),
        ("53300", DatabaseError, "is used by too many"),
        ("08006", DatabaseError, "cannot be reached"),
        ("57P01", DatabaseError, "cannot be reached"),
        ("55000", DatabaseError, "it is as it is"),
    ],
)
def test_errors_of_the_server_are_told_apart_by_their_code(state: str, kind: type[KbtuiError], words: str) -> None:
    from psycopg.errors import lookup  # peewee may not see it, so it can be imported after the engine alone

    error = lookup(state)("it is as it is")

    told = PostgresEngine("postgresql://me:secret@host/board").explain(peewee.DatabaseError(error, str(error)))

    assert type(told) is kind
    assert words in str(told)
    assert "secret" not in str(told)


@pytest.mark.postgres_only
def test_a_nul_in_a_text_is_refused_in_words(project: int) -> None:
    with pytest.raises(InvalidError, match="A text cannot be stored as it is; nothing was changed"):
        settings.put("a", "b\0c")

    assert settings.get("a") == ""


@pytest.mark.postgres_only
@pytest.mark.usefixtures("board")
def test_what_a_failed_statement_has_ended_is_not_committed() -> None:
    with pytest.raises(DatabaseError), database.transaction():  # noqa: PT012 - the commit is what fails
        settings.put("a", "b")
        with pytest.raises(peewee.IntegrityError):
            Setting.insert(key="a", value="c").execute()

    assert settings.get("a") == ""
    settings.put("a", "d")
    assert settings.get("a") == "d"


@pytest.mark.postgres_only
def test_the_connection_that_writes_is_made_again_after_it_was_cut(project: int) -> None:
    writer = sql.fetch_one("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                           " AND backend_type = 'client backend'")  # fmt: skip
    assert writer is not None
    sql.execute("SELECT pg_terminate_backend(?)", writer)

    with pytest.raises(DatabaseError, match="cannot be reached; check that the server runs"):
        tasks.create_task(project, "Lost")
    task_id = tasks.create_task(project, "Kept")

    assert tasks.get_task(task_id).title == "Kept"
    assert [title for (title,) in sql.fetch_all("SELECT title FROM tasks")] == ["Kept"]
