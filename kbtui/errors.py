"""What can go wrong, each as a sentence a person can act on.

KbtuiError
├── NotFoundError              no such project, column, swimlane, task, …
├── InvalidError               a value that cannot be taken: an empty title, a bad date, a bad URL
│   └── InUseError             something that still holds tasks cannot be removed
├── ConfigError                config.toml cannot be read
└── DatabaseError
    ├── DatabaseBusyError      another program holds the lock
    ├── DatabaseFullError      the disk is full
    ├── DatabaseReadOnlyError  the file or its folder cannot be written
    ├── DatabaseCorruptError   the file is damaged, or no database
    ├── DatabaseNewerError     the file was made by a newer kbtui
    └── DatabaseGoneError      the file was removed or replaced while it was open
"""


class KbtuiError(Exception):
    """Everything kbtui raises on purpose; its text can be shown to a person as it is."""


class NotFoundError(KbtuiError):
    """Something was named that is not there."""


class InvalidError(KbtuiError):
    """A value was given that cannot be taken."""


class InUseError(InvalidError):
    """Something that still holds tasks was to be removed."""


class ConfigError(KbtuiError):
    """The person's configuration file cannot be read or understood."""


class DatabaseError(KbtuiError):
    """The database cannot do what was asked."""


class DatabaseBusyError(DatabaseError):
    """Another program holds the database's lock for too long."""


class DatabaseFullError(DatabaseError):
    """There is no room left where the database lives."""


class DatabaseReadOnlyError(DatabaseError):
    """The database file or its folder cannot be written."""


class DatabaseCorruptError(DatabaseError):
    """The file is damaged, or is no kbtui database at all."""


class DatabaseNewerError(DatabaseError):
    """The database was written by a newer kbtui."""


class DatabaseGoneError(DatabaseError):
    """The database file was removed or replaced while it was open; nothing is written until it is back."""
