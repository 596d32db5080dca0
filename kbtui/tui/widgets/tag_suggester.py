"""Suggestions for a list of tags: the one being typed is completed, the others stay as they are."""

from collections.abc import Iterable

from textual.suggester import Suggester


class TagSuggester(Suggester):
    """Complete the last of several tags from those the project knows."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self.names = list(names)

    async def get_suggestion(self, value: str) -> str | None:
        """Return the value with its last tag completed; none that is in the list already is suggested."""
        before, comma, last = value.rpartition(",")
        typed = last.lstrip()
        if not typed:
            return None
        taken = {name.strip().casefold() for name in before.split(",")}
        for name in self.names:
            if name.casefold().startswith(typed.casefold()) and name.casefold() not in taken:
                # What was typed keeps its case: the suggestion must begin with the value.
                return f"{before}{comma}{last[: len(last) - len(typed)]}{typed}{name[len(typed) :]}"
        return None
