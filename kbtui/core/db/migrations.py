"""The steps from older files to today's schema. A step that was released is never edited.

The first ones made their tables from the text below; today's files are made from the models, and a test compares a file
that went all the way with a new one.
"""

from collections.abc import Callable

from kbtui.core.db.engine import SqliteEngine
from kbtui.core.db.old_events import keep_activity
from kbtui.core.values.text import fold

TABLES = (
    """CREATE TABLE settings (
        "key" TEXT NOT NULL PRIMARY KEY,
        value TEXT NOT NULL
    )""",
    """CREATE TABLE users (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        username TEXT NOT NULL UNIQUE COLLATE NOCASE,
        name TEXT NOT NULL DEFAULT '',
        email TEXT NOT NULL DEFAULT '',
        role TEXT NOT NULL DEFAULT 'app-user',
        is_active INTEGER NOT NULL DEFAULT 1,
        password TEXT,
        token TEXT
    )""",
    """CREATE TABLE projects (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        description TEXT NOT NULL DEFAULT '',
        identifier TEXT NOT NULL DEFAULT '',
        email TEXT,
        position INTEGER NOT NULL,
        owner_id INTEGER NOT NULL DEFAULT 0,
        is_active INTEGER NOT NULL DEFAULT 1,
        is_public INTEGER NOT NULL DEFAULT 0,
        is_private INTEGER NOT NULL DEFAULT 0,
        token TEXT NOT NULL DEFAULT '',
        start_date TEXT NOT NULL DEFAULT '',
        end_date TEXT NOT NULL DEFAULT '',
        priority_default INTEGER NOT NULL DEFAULT 0,
        priority_start INTEGER NOT NULL DEFAULT 0,
        priority_end INTEGER NOT NULL DEFAULT 3,
        last_modified INTEGER NOT NULL DEFAULT 0
    )""",
    """CREATE TABLE project_users (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        role TEXT NOT NULL DEFAULT 'project-member',
        UNIQUE (project_id, user_id)
    )""",
    """CREATE TABLE "columns" (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        title TEXT NOT NULL,
        position INTEGER NOT NULL,
        task_limit INTEGER NOT NULL DEFAULT 0,
        description TEXT NOT NULL DEFAULT '',
        hide_in_dashboard INTEGER NOT NULL DEFAULT 0
    )""",
    """CREATE INDEX columns_project ON "columns" (project_id, position)""",
    """CREATE TABLE swimlanes (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        position INTEGER NOT NULL,
        is_active INTEGER NOT NULL DEFAULT 1,
        is_default INTEGER NOT NULL DEFAULT 0,
        description TEXT NOT NULL DEFAULT '',
        task_limit INTEGER NOT NULL DEFAULT 0
    )""",
    "CREATE INDEX swimlanes_project ON swimlanes (project_id, position)",
    "CREATE UNIQUE INDEX swimlanes_default ON swimlanes (project_id) WHERE is_default = 1",
    """CREATE TABLE categories (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        description TEXT,
        color_id TEXT,
        position INTEGER NOT NULL
    )""",
    "CREATE INDEX categories_project ON categories (project_id, position)",
    """CREATE TABLE tags (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        project_id INTEGER NOT NULL DEFAULT 0,
        name TEXT NOT NULL COLLATE NOCASE,
        color_id TEXT,
        position INTEGER NOT NULL,
        UNIQUE (project_id, name)
    )""",
    """CREATE TABLE tasks (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        title TEXT NOT NULL,
        description TEXT NOT NULL DEFAULT '',
        date_creation INTEGER NOT NULL,
        color_id TEXT NOT NULL DEFAULT 'yellow',
        project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
        column_id INTEGER NOT NULL REFERENCES "columns" (id),
        swimlane_id INTEGER NOT NULL REFERENCES swimlanes (id),
        "rank" INTEGER NOT NULL,
        owner_id INTEGER NOT NULL DEFAULT 0,
        is_active INTEGER NOT NULL DEFAULT 1,
        date_completed INTEGER,
        score INTEGER NOT NULL DEFAULT 0,
        date_due INTEGER NOT NULL DEFAULT 0,
        category_id INTEGER NOT NULL DEFAULT 0,
        creator_id INTEGER NOT NULL DEFAULT 0,
        date_modification INTEGER NOT NULL,
        reference TEXT NOT NULL DEFAULT '',
        date_started INTEGER,
        time_spent REAL NOT NULL DEFAULT 0,
        time_estimated REAL NOT NULL DEFAULT 0,
        date_moved INTEGER NOT NULL,
        recurrence_status INTEGER NOT NULL DEFAULT 0,
        recurrence_trigger INTEGER NOT NULL DEFAULT 0,
        recurrence_factor INTEGER NOT NULL DEFAULT 0,
        recurrence_timeframe INTEGER NOT NULL DEFAULT 0,
        recurrence_basedate INTEGER NOT NULL DEFAULT 0,
        recurrence_parent INTEGER,
        recurrence_child INTEGER,
        priority INTEGER NOT NULL DEFAULT 0,
        external_provider TEXT,
        external_uri TEXT
    )""",
    'CREATE INDEX tasks_cell ON tasks (column_id, swimlane_id, "rank", id) WHERE is_active = 1',
    "CREATE INDEX tasks_column ON tasks (column_id)",
    "CREATE INDEX tasks_project ON tasks (project_id, is_active, column_id, swimlane_id)",
    "CREATE INDEX tasks_swimlane ON tasks (swimlane_id)",
    "CREATE INDEX tasks_owner ON tasks (owner_id) WHERE owner_id <> 0",
    "CREATE INDEX tasks_category ON tasks (category_id) WHERE category_id <> 0",
    """CREATE TABLE task_tags (
        task_id INTEGER NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
        tag_id INTEGER NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
        PRIMARY KEY (task_id, tag_id)
    ) WITHOUT ROWID""",
    "CREATE INDEX task_tags_tag ON task_tags (tag_id)",
    """CREATE TABLE subtasks (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        task_id INTEGER NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
        title TEXT NOT NULL,
        status INTEGER NOT NULL DEFAULT 0,
        time_estimated REAL NOT NULL DEFAULT 0,
        time_spent REAL NOT NULL DEFAULT 0,
        user_id INTEGER NOT NULL DEFAULT 0,
        position INTEGER NOT NULL
    )""",
    "CREATE INDEX subtasks_task ON subtasks (task_id, position)",
    """CREATE TABLE comments (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        task_id INTEGER NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
        user_id INTEGER NOT NULL DEFAULT 0,
        comment TEXT NOT NULL,
        date_creation INTEGER NOT NULL,
        date_modification INTEGER NOT NULL,
        reference TEXT NOT NULL DEFAULT '',
        visibility TEXT NOT NULL DEFAULT 'app-user'
    )""",
    "CREATE INDEX comments_task ON comments (task_id, date_creation)",
    """CREATE TABLE links (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        label TEXT NOT NULL UNIQUE,
        opposite_id INTEGER NOT NULL DEFAULT 0
    )""",
    """CREATE TABLE task_links (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        link_id INTEGER NOT NULL REFERENCES links (id),
        task_id INTEGER NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
        opposite_task_id INTEGER NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
        UNIQUE (task_id, opposite_task_id, link_id)
    )""",
    "CREATE INDEX task_links_opposite ON task_links (opposite_task_id)",
    """CREATE TABLE files (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        task_id INTEGER NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        size INTEGER NOT NULL,
        is_image INTEGER NOT NULL DEFAULT 0,
        "date" INTEGER NOT NULL,
        user_id INTEGER NOT NULL DEFAULT 0,
        etag TEXT NOT NULL DEFAULT ''
    )""",
    "CREATE INDEX files_task ON files (task_id)",
    """CREATE TABLE file_contents (
        file_id INTEGER NOT NULL PRIMARY KEY REFERENCES files (id) ON DELETE CASCADE,
        content BLOB NOT NULL
    )""",
    """CREATE TABLE idempotency_key (
        "key" TEXT NOT NULL PRIMARY KEY,
        row_id INTEGER NOT NULL,
        date_creation INTEGER NOT NULL
    )""",
    """CREATE TABLE events (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        formats TEXT,
        project_id INTEGER,
        task_id INTEGER,
        author_id INTEGER NOT NULL DEFAULT 0,
        author TEXT,
        date_creation INTEGER NOT NULL,
        facts TEXT NOT NULL
    )""",
    "CREATE INDEX events_task ON events (task_id, id)",
    "CREATE INDEX events_project ON events (project_id, id)",
    """CREATE TABLE endpoints (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE COLLATE NOCASE,
        url TEXT NOT NULL,
        format TEXT NOT NULL DEFAULT 'kanboard-1.0',
        events TEXT NOT NULL DEFAULT '*',
        project_id INTEGER REFERENCES projects (id) ON DELETE CASCADE,
        is_enabled INTEGER NOT NULL DEFAULT 1,
        disabled_reason TEXT NOT NULL DEFAULT '',
        is_paused INTEGER NOT NULL DEFAULT 0,
        paused_until REAL NOT NULL DEFAULT 0,
        failures INTEGER NOT NULL DEFAULT 0,
        failing_since REAL NOT NULL DEFAULT 0,
        deadline REAL NOT NULL DEFAULT 10,
        schedule TEXT NOT NULL DEFAULT '',
        is_ordered INTEGER NOT NULL DEFAULT 1,
        concurrency INTEGER NOT NULL DEFAULT 4,
        secret TEXT NOT NULL DEFAULT '',
        old_secret TEXT NOT NULL DEFAULT '',
        old_secret_until REAL NOT NULL DEFAULT 0,
        ca_file TEXT NOT NULL DEFAULT '',
        headers TEXT NOT NULL DEFAULT '{}',
        use_proxy INTEGER NOT NULL DEFAULT 0
    )""",
    """CREATE TABLE deliveries (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        webhook_id TEXT NOT NULL UNIQUE,
        event_id INTEGER NOT NULL REFERENCES events (id),
        endpoint_id INTEGER NOT NULL REFERENCES endpoints (id) ON DELETE CASCADE,
        task_id INTEGER,
        event_name TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('ready', 'sending', 'blocked', 'done', 'dead')),
        attempt INTEGER NOT NULL DEFAULT 0,
        date_creation REAL NOT NULL,
        scheduled_at REAL NOT NULL,
        due_at REAL NOT NULL,
        leased_until REAL NOT NULL DEFAULT 0,
        owner TEXT NOT NULL DEFAULT '',
        refusals INTEGER NOT NULL DEFAULT 0,
        finished_at REAL NOT NULL DEFAULT 0,
        last_status INTEGER,
        last_error TEXT NOT NULL DEFAULT '',
        last_ms REAL
    )""",
    "CREATE INDEX deliveries_ready ON deliveries (endpoint_id, due_at, id) WHERE state = 'ready'",
    "CREATE INDEX deliveries_leased ON deliveries (leased_until) WHERE state = 'sending'",
    """CREATE INDEX deliveries_unfinished ON deliveries (endpoint_id, task_id, id, state)
        WHERE state IN ('ready', 'sending', 'blocked')""",
    """CREATE UNIQUE INDEX deliveries_in_flight ON deliveries (endpoint_id, task_id)
        WHERE state IN ('ready', 'sending')""",
    "CREATE INDEX deliveries_finished ON deliveries (finished_at) WHERE state IN ('done', 'dead')",
    "CREATE INDEX deliveries_endpoint ON deliveries (endpoint_id, id)",
    "CREATE INDEX deliveries_event ON deliveries (event_id)",
    """CREATE TABLE attempts (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        delivery_id INTEGER NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
        endpoint_id INTEGER NOT NULL REFERENCES endpoints (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        started_at REAL NOT NULL,
        ms REAL,
        status INTEGER,
        error TEXT NOT NULL DEFAULT '',
        detail TEXT NOT NULL DEFAULT '',
        answer_headers TEXT NOT NULL DEFAULT '',
        answer BLOB NOT NULL DEFAULT x''
    )""",
    "CREATE INDEX attempts_delivery ON attempts (delivery_id, number)",
    "CREATE INDEX attempts_endpoint ON attempts (endpoint_id, id)",
)

LINK_TYPES = (
    (1, "relates to", 0),
    (2, "blocks", 3),
    (3, "is blocked by", 2),
    (4, "duplicates", 5),
    (5, "is duplicated by", 4),
    (6, "is a child of", 7),
    (7, "is a parent of", 6),
    (8, "targets milestone", 9),
    (9, "is a milestone of", 8),
    (10, "fixes", 11),
    (11, "is fixed by", 10),
)
"""Kanboard's internal link types, with its ids: id, label, id of the opposite (0: its own)."""


def _create(database: SqliteEngine) -> None:
    """Create every table, the user ``admin`` and Kanboard's link types."""
    for statement in TABLES:
        database.execute_sql(statement)
    database.execute_sql("INSERT INTO users (username, role) VALUES ('admin', 'app-admin')")
    for link in LINK_TYPES:
        database.execute_sql("INSERT INTO links (id, label, opposite_id) VALUES (?, ?, ?)", link)


def _keep_formats(database: SqliteEngine) -> None:
    """Keep with each delivery the payload format it was queued in: the endpoint's may change before it is sent."""
    database.execute_sql("ALTER TABLE deliveries ADD COLUMN format TEXT NOT NULL DEFAULT ''")
    database.execute_sql("UPDATE deliveries SET format = (SELECT format FROM endpoints WHERE id = endpoint_id)")


def _follow_the_models(database: SqliteEngine) -> None:
    """Take the schema that the models say: activity that stays, folded titles, names compared by ``lower()``."""
    for table, statement in _REBUILT.items():
        database.execute_sql(statement.format(table=f"new_{table}"))
        database.execute_sql(f"INSERT INTO new_{table} SELECT * FROM {table}")
        database.execute_sql(f"DROP TABLE {table}")
        database.execute_sql(f"ALTER TABLE new_{table} RENAME TO {table}")
    for statement in _ADDED:
        database.execute_sql(statement)
    # Who could see a project was told by whether it had members; now it says so itself.
    database.execute_sql(
        "UPDATE projects SET is_open = 1 WHERE is_private = 0"
        " AND NOT EXISTS (SELECT 1 FROM project_users WHERE project_id = projects.id)"
    )
    # The owner manages a project whoever its members are: who had been taken out of one is its owner no more.
    database.execute_sql(
        "UPDATE projects SET owner_id = 0 WHERE EXISTS (SELECT 1 FROM project_users WHERE project_id = projects.id)"
        " AND NOT EXISTS (SELECT 1 FROM project_users WHERE project_id = projects.id AND user_id = owner_id)"
    )
    for task_id, title in database.execute_sql("SELECT id, title FROM tasks").fetchall():
        database.execute_sql("UPDATE tasks SET folded = ? WHERE id = ?", (fold(title), task_id))
    keep_activity(database)
    _pair_links(database)


def _pair_links(database: SqliteEngine) -> None:
    """Tell each direction of a link which row is the other one.

    They are found by their types, or, where a type was given another opposite since, by their ids, which follow each
    other.
    """
    rows = database.execute_sql(
        "SELECT l.id, l.task_id, l.opposite_task_id, l.link_id, CASE k.opposite_id WHEN 0 THEN k.id ELSE k.opposite_id"
        " END FROM task_links l JOIN links k ON k.id = l.link_id ORDER BY l.id"
    ).fetchall()
    ids = {(task, opposite, kind): row_id for row_id, task, opposite, kind, _ in rows}
    found = {row_id: ids.get((opposite, task, opposite_kind)) for row_id, task, opposite, _, opposite_kind in rows}
    pairs = {row_id: other for row_id, other in found.items() if other is not None and found[other] == row_id}
    ends = {row_id: (task, opposite) for row_id, task, opposite, *_ in rows if row_id not in pairs}
    for row_id, (task, opposite) in ends.items():
        if row_id not in pairs and ends.get(row_id + 1) == (opposite, task):
            pairs |= {row_id: row_id + 1, row_id + 1: row_id}
    for row_id, other in pairs.items():
        database.execute_sql("UPDATE task_links SET opposite_id = ? WHERE id = ?", (other, row_id))


_REBUILT = {
    "users": """CREATE TABLE {table} (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        username TEXT NOT NULL,
        name TEXT NOT NULL DEFAULT '',
        email TEXT NOT NULL DEFAULT '',
        role TEXT NOT NULL DEFAULT 'app-user',
        is_active INTEGER NOT NULL DEFAULT 1,
        password TEXT,
        token TEXT
    )""",
    "tags": """CREATE TABLE {table} (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        project_id INTEGER NOT NULL DEFAULT 0,
        name TEXT NOT NULL,
        color_id TEXT,
        position INTEGER NOT NULL
    )""",
    "endpoints": """CREATE TABLE {table} (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        url TEXT NOT NULL,
        format TEXT NOT NULL DEFAULT 'kanboard-1.0',
        events TEXT NOT NULL DEFAULT '*',
        project_id INTEGER REFERENCES projects (id) ON DELETE CASCADE,
        is_enabled INTEGER NOT NULL DEFAULT 1,
        disabled_reason TEXT NOT NULL DEFAULT '',
        is_paused INTEGER NOT NULL DEFAULT 0,
        paused_until REAL NOT NULL DEFAULT 0,
        failures INTEGER NOT NULL DEFAULT 0,
        failing_since REAL NOT NULL DEFAULT 0,
        deadline REAL NOT NULL DEFAULT 10,
        schedule TEXT NOT NULL DEFAULT '',
        is_ordered INTEGER NOT NULL DEFAULT 1,
        concurrency INTEGER NOT NULL DEFAULT 4,
        secret TEXT NOT NULL DEFAULT '',
        old_secret TEXT NOT NULL DEFAULT '',
        old_secret_until REAL NOT NULL DEFAULT 0,
        ca_file TEXT NOT NULL DEFAULT '',
        headers TEXT NOT NULL DEFAULT '{{}}',
        use_proxy INTEGER NOT NULL DEFAULT 0
    )""",
}
"""The tables whose columns were compared without regard to case: SQLite cannot take that from a column."""

_ADDED = (
    "CREATE UNIQUE INDEX users_username ON users (lower(username))",
    "CREATE UNIQUE INDEX tags_name ON tags (project_id, lower(name))",
    "CREATE UNIQUE INDEX endpoints_name ON endpoints (lower(name))",
    "ALTER TABLE projects ADD COLUMN is_open INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE tasks ADD COLUMN folded TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE deliveries ADD COLUMN waits_for INTEGER",
    "CREATE INDEX deliveries_waiting ON deliveries (waits_for) WHERE waits_for IS NOT NULL",
    """CREATE TABLE removed_items (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL,
        row_id INTEGER NOT NULL,
        rows TEXT NOT NULL,
        date_creation INTEGER NOT NULL
    )""",
    "CREATE INDEX removed_items_date ON removed_items (date_creation)",
    """CREATE TABLE removed_contents (
        item_id INTEGER NOT NULL REFERENCES removed_items (id) ON DELETE CASCADE,
        file_id INTEGER NOT NULL,
        content BLOB NOT NULL,
        PRIMARY KEY (item_id, file_id)
    )""",
    """CREATE TABLE activity (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        project_id INTEGER,
        task_id INTEGER,
        column_id INTEGER,
        swimlane_id INTEGER,
        src_column_id INTEGER,
        src_swimlane_id INTEGER,
        author_id INTEGER NOT NULL DEFAULT 0,
        author TEXT,
        date_creation INTEGER NOT NULL,
        details TEXT NOT NULL
    )""",
    "CREATE INDEX activity_task ON activity (task_id, id)",
    "CREATE INDEX activity_project ON activity (project_id, id)",
    """CREATE TABLE event_texts (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        digest TEXT NOT NULL UNIQUE,
        text TEXT NOT NULL
    )""",
    "ALTER TABLE events ADD COLUMN text_id INTEGER REFERENCES event_texts (id)",
    "DROP INDEX events_task",
    "DROP INDEX events_project",
    "CREATE INDEX events_date ON events (date_creation, id)",
    "CREATE INDEX events_text ON events (text_id) WHERE text_id IS NOT NULL",
    "ALTER TABLE task_links ADD COLUMN opposite_id INTEGER",
)


MIGRATIONS: tuple[Callable[[SqliteEngine], None], ...] = (_create, _keep_formats, _follow_the_models)
"""Every step from an empty file to today's schema, oldest first."""
