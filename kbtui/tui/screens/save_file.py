"""Save an attached file to a folder."""

import asyncio
from pathlib import Path, PurePath
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import ModalScreen
from textual.widgets import Input

from kbtui.config import expand
from kbtui.core.tasks import files
from kbtui.errors import KbtuiError
from kbtui.tui.base import BoardApp, Guarded
from kbtui.tui.opening import file_name
from kbtui.tui.widgets.dialog import HELP, Dialog, KeyButton
from kbtui.tui.widgets.fields import Field, LineInput
from kbtui.tui.widgets.path_suggester import PathSuggester


class SaveFileScreen(Guarded, ModalScreen[str | None]):
    """Choose where a file goes; dismissed with its path, or None."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["modal.tcss", "save_file.tcss"]
    AUTO_FOCUS = "#path"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", id="form.save", tooltip="Write the file"),
        Binding("ctrl+enter", "save", "Save", show=False, id="form.save_too", tooltip="Write the file"),
        Binding("escape", "cancel", "Cancel", id="form.cancel", tooltip="Write nothing"),
        HELP,
    ]

    app: "BoardApp"
    path = getters.query_one("#path", LineInput)
    field = getters.query_one("#field-path", Field)

    def __init__(self, file_id: int, name: str) -> None:
        super().__init__()
        self.file_id = file_id
        self._name_before = name
        self._replaces: Path | None = None

    def compose(self) -> ComposeResult:
        """Lay the path above its buttons."""
        try:
            name = file_name(self._name_before, files.read_content(self.file_id))
        except KbtuiError:
            name = self._name_before
        with Dialog("Save the file as"):
            yield Field(
                "Path", LineInput(str(Path.cwd() / name), id="path", suggester=PathSuggester()), id="field-path"
            )
            with Horizontal(classes="buttons"):
                yield KeyButton("Save", "form.save", "save", variant="primary", id="save")
                yield KeyButton("Cancel", "form.cancel", "cancel", id="cancel")

    @on(Input.Changed)
    def _edited(self) -> None:
        self.field.complain("")
        self._replaces = None

    @on(Input.Submitted)
    async def action_save(self) -> None:
        """Write the file, or say why that cannot be; what is there already is replaced only when asked twice."""
        path = expand(self.path.value.strip())
        try:
            if path.is_dir():
                path /= file_name(self._name_before, b"")
            if path.exists() and self._replaces != path:
                self._replaces = path
                self.field.complain(f"{path.name} is there already; save once more to replace it.")
                return
            content = files.read_content(self.file_id)
            await asyncio.to_thread(path.write_bytes, content)
        except KbtuiError as error:
            self.field.complain(str(error))
            self.app.drop_behind()
        except (OSError, ValueError) as error:
            self.field.complain(f"It cannot be written there: {getattr(error, 'strerror', None) or error}.")
            self.app.drop_behind()
        else:
            self.dismiss(str(path))

    def action_cancel(self) -> None:
        """Write nothing."""
        self.dismiss(None)
