"""kbtui: a Kanban board for the terminal that speaks Kanboard's protocol."""

__version__ = "0.1.0"
