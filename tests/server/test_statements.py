"""How often a call asks the database."""

import pytest

from kbtui.core.db import models
from kbtui.core.projects import columns, credentials, swimlanes
from kbtui.core.tasks import tasks
from kbtui.server.callers import APPLICATION, Caller
from tests import sql
from tests.server.conftest import add_caller, call

MOST = 12
"""Statements of a move with one endpoint, from who calls to the commit."""


@pytest.mark.parametrize("is_application", [True, False], ids=["application", "member"])
def test_a_move_asks_the_database_twelve_times_at_most(project: int, is_application: bool) -> None:
    sql.create(models.Endpoint, name="Receiver", url="http://127.0.0.1:9/")
    member = add_caller("mika", project_member=project)
    column, lane = columns.list_columns(project)[2], swimlanes.default_swimlane(project)
    task_ids = [tasks.create_task(project, title) for title in ("One", "Two", "Three")]
    credentials.api_token()
    caller: Caller = APPLICATION if is_application else member

    with sql.traced() as statements:
        # What is asked before a call is carried out: whether the caller is who it says.
        credentials.api_token() if is_application else credentials.stored_credentials("mika")
        moved = call(
            "moveTaskPosition",
            caller=caller,
            project_id=project,
            task_id=task_ids[1],
            column_id=column.id,
            position=1,
            swimlane_id=lane.id,
        )

    assert moved is True
    assert tasks.get_task(task_ids[1]).column_id == column.id
    assert len(statements) <= MOST, "\n".join(statements)
