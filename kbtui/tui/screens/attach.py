"""Attach a file: type its path, or choose it in the tree of folders."""

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import ModalScreen
from textual.widgets import DirectoryTree, Input, ProgressBar
from textual.widgets._directory_tree import DirEntry
from textual.widgets.tree import TreeNode

from kbtui.config import expand
from kbtui.core.tasks.files import SIZE_LIMIT, check_size
from kbtui.errors import InvalidError, KbtuiError
from kbtui.tui.base import BoardApp, Guarded
from kbtui.tui.glyphs import drawable
from kbtui.tui.widgets.dialog import HELP, Dialog, KeyButton, Notice
from kbtui.tui.widgets.fields import Field, LineInput
from kbtui.tui.widgets.path_suggester import PathSuggester
from kbtui.tui.words import size

CHUNK = 1 << 20
"""Bytes that are read at a time."""


class FolderTree(DirectoryTree):
    """Show folders and files by names that every terminal draws alike; hidden ones can be typed."""

    ICON_NODE = "▸ "
    ICON_NODE_EXPANDED = "▾ "
    ICON_FILE = "  "

    def filter_paths(self, paths: Iterable[Path]) -> Iterable[Path]:
        """Leave out what is hidden."""
        return (path for path in paths if not path.name.startswith("."))

    def render_label(self, node: TreeNode[DirEntry], base_style: Style, style: Style) -> Text:
        """Return the line of a file."""
        label = super().render_label(node, base_style, style)
        if label.plain.isascii() and label.plain.isprintable():
            return label
        return Text(drawable(label.plain), style=label.style, no_wrap=True, overflow="ellipsis")


class AttachScreen(Guarded, ModalScreen[str | None]):
    """Choose a file and attach it; dismissed with what was done, in words."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["modal.tcss", "attach.tcss"]
    AUTO_FOCUS = "#path"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "attach", "Attach", id="form.save", tooltip="Attach the file"),
        Binding("ctrl+enter", "attach", "Attach", show=False, id="form.save_too", tooltip="Attach the file"),
        Binding("ctrl+up", "up", "Folder above", id="attach.up", tooltip="Show the folder above in the tree"),
        Binding("escape", "cancel", "Cancel", id="form.cancel", tooltip="Attach nothing"),
        HELP,
    ]

    app: "BoardApp"
    path = getters.query_one("#path", LineInput)
    folders = getters.query_one(FolderTree)
    bar = getters.query_one(ProgressBar)
    notice = getters.query_one("#notice", Notice)

    def __init__(self, task_id: int) -> None:
        super().__init__()
        self.task_id = task_id

    def compose(self) -> ComposeResult:
        """Lay the path above the tree."""
        with Dialog(f"Attach a file to #{self.task_id}"):
            yield Field(
                "Path", LineInput(id="path", placeholder="~/notes.txt", suggester=PathSuggester()), id="field-path"
            )
            yield FolderTree(Path.cwd(), id="tree")
            yield ProgressBar(show_eta=False, id="progress")
            yield Notice(id="notice")
            with Horizontal(classes="buttons"):
                yield KeyButton("Attach", "form.save", "attach", variant="primary", id="attach")
                yield KeyButton("Cancel", "form.cancel", "cancel", id="cancel")

    def on_mount(self) -> None:
        """Say what a file may be."""
        self.bar.display = False
        self.query_one("#field-path", Field).show_hint(f"→ completes a name; at most {SIZE_LIMIT // 2**20} MiB")

    @on(DirectoryTree.FileSelected)
    def _file_chosen(self, event: DirectoryTree.FileSelected) -> None:
        self.path.value = str(event.path)
        self.path.cursor_position = len(self.path.value)
        self.path.focus()

    @on(Input.Changed)
    def _edited(self, event: Input.Changed) -> None:
        self.query_one("#field-path", Field).complain("")
        folder = expand(event.value.strip())
        if event.value.endswith("/") and folder.is_dir():
            self.folders.path = folder

    def action_up(self) -> None:
        """Show the folder above."""
        self.folders.path = Path(self.folders.path).resolve().parent

    @on(Input.Submitted)
    def action_attach(self) -> None:
        """Read the file and attach it, or say why that cannot be."""
        path = expand(self.path.value.strip())
        try:
            length = _check(path, self.path.value)
        except KbtuiError as error:
            self.query_one("#field-path", Field).complain(str(error))
            return
        self.run_worker(self._read_and_add(path, length), exclusive=True)

    async def _read_and_add(self, path: Path, length: int) -> None:
        self.bar.display = True
        self.bar.update(total=max(length, 1), progress=0)
        self.notice.say(f"Reading {size(length)} …")
        try:
            content = await self._read(path)
            check_size(path.name, len(content))
            self.app.undo_stack.add_file(self.task_id, path.name, content)
        except OSError as error:
            self._fail(f"{path.name} cannot be read: {error.strerror}.")
        except KbtuiError as error:
            self._fail(str(error))
        else:
            self.dismiss(f"Attached {drawable(path.name)}, {size(len(content))}; u takes it back.")

    async def _read(self, path: Path) -> bytes:
        """Read a file without holding up the screen, and no more of it than can be attached."""
        parts: list[bytes] = []
        count = 0
        file = await asyncio.to_thread(path.open, "rb")
        with file:
            while count <= SIZE_LIMIT and (part := await asyncio.to_thread(file.read, CHUNK)):
                parts.append(part)
                count += len(part)
                self.bar.update(progress=count)
        return b"".join(parts)

    def _fail(self, text: str) -> None:
        self.bar.display = False
        self.notice.say("")
        self.query_one("#field-path", Field).complain(text)

    def action_cancel(self) -> None:
        """Attach nothing; what is being read is left."""
        self.workers.cancel_node(self)
        self.dismiss(None)


def _check(path: Path, typed: str) -> int:
    """Return the size of a file that can be attached. Raises InvalidError."""
    if not typed.strip():
        raise InvalidError("Type the path of a file, or choose one in the tree.")
    try:
        is_file, is_folder = path.is_file(), path.is_dir()
        length = path.stat().st_size if is_file else 0
    except (OSError, ValueError) as error:
        raise InvalidError(f"{path} cannot be looked at: {error}.") from error
    if is_folder:
        raise InvalidError(f"{path.name or path} is a folder; choose a file in it.")
    if not is_file:
        raise InvalidError(f"There is no file {path}.")
    if not os.access(path, os.R_OK):
        raise InvalidError(f"{path.name} may not be read by you.")
    check_size(path.name, length)
    return length
