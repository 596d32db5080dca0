"""What all tables are made of: ids, bytes, and fields that have their default in the database too."""

from typing import Any

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    BlobField,
    DoubleField,
    ForeignKeyField,
    IntegerField,
    Model,
    Node,
    NodeList,
    TextField,
)

from kbtui.core.db.engine import database


class Id(BigAutoField):
    """A primary key whose numbers are never given a second time, also when the last row has gone."""

    def ddl(self, ctx: Any) -> Any:
        """Return the column's definition: SQLite reuses the largest id unless it is told not to."""
        definition = super().ddl(ctx)
        return definition if database.is_postgres else NodeList((definition, SQL("AUTOINCREMENT")))


class Bytes(BlobField):
    """Bytes that are empty when nobody says otherwise."""

    def __init__(self) -> None:
        super().__init__(default=b"")

    def ddl(self, ctx: Any) -> Any:
        """Return the column's definition: SQLite would take an empty text for a text."""
        empty = "''" if database.is_postgres else "x''"
        return NodeList((super().ddl(ctx), SQL(f"DEFAULT {empty}")))


def default_of(value: str | float) -> list[Node]:
    """Return what gives a column its default in the database too."""
    return [SQL(f"DEFAULT {value!r}" if isinstance(value, str) else f"DEFAULT {value}")]


def text(default: str | None = "") -> Any:
    """Return a text that is not null; without a default it has to be given."""
    return TextField() if default is None else TextField(default=default, constraints=default_of(default))


def integer(default: int | None = 0) -> Any:
    """Return a whole number of 32 bits; without a default it has to be given."""
    return IntegerField() if default is None else IntegerField(default=default, constraints=default_of(default))


def big(default: int | None = 0) -> Any:
    """Return a whole number of 64 bits; without a default it has to be given."""
    return BigIntegerField() if default is None else BigIntegerField(default=default, constraints=default_of(default))


def real(default: float | None = 0) -> Any:
    """Return a number of 64 bits; without a default it has to be given."""
    return DoubleField() if default is None else DoubleField(default=default, constraints=default_of(default))


def owned(model: Any, name: str, **options: Any) -> Any:
    """Return a reference to the row that this one goes with."""
    return ForeignKeyField(model, column_name=name, on_delete="CASCADE", index=False, **options)


def reference(model: Any, name: str, **options: Any) -> Any:
    """Return a reference to a row that cannot go while this one is there."""
    return ForeignKeyField(model, column_name=name, index=False, **options)


class BaseModel(Model):
    """What all tables with an id share."""

    id: Any = Id()

    class Meta:
        """Bind every model to the one database of the process."""

        database = database
        legacy_table_names = False
