"""How the board divides its room among columns and swimlanes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbtui.tui.widgets.board_layout import EMPTY_BAND, HEAD, LEAST_BAND, LEAST_COLUMN, lay_out

wanted_lines = st.lists(st.one_of(st.none(), st.integers(0, 300)), max_size=12)
"""What each swimlane would fill; None is a collapsed one."""


@given(st.integers(20, 250), st.integers(1, 30), st.integers(-3, 40))
def test_columns_fill_the_width_and_are_wide_enough_to_read(width: int, columns: int, first: int) -> None:
    layout = lay_out(width, 40, columns, [10], first_column=first)

    widths = layout.column_widths
    assert sum(widths) == width
    assert len(widths) == max(min(columns, width // LEAST_COLUMN), 1)
    assert all(each >= min(LEAST_COLUMN, width) for each in widths)
    assert max(widths) - min(widths) < len(widths)
    assert 0 <= layout.visible_columns.start <= layout.visible_columns.stop <= columns


@given(st.integers(20, 250), st.integers(1, 30), st.integers(0, 30))
def test_each_cell_of_the_width_belongs_to_one_column(width: int, columns: int, first: int) -> None:
    layout = lay_out(width, 40, columns, [10], first_column=first)

    for column in layout.visible_columns:
        left, right = layout.column_left(column), layout.column_left(column) + layout.column_width(column)
        assert {layout.column_at(x) for x in range(left, right)} == {column}
    assert layout.column_at(-1) is None
    assert layout.column_at(width) is None
    assert layout.card_width < min(layout.column_widths) or width == 1


@given(st.integers(0, 120), wanted_lines)
def test_bands_stand_one_below_the_other_and_leave_no_room(height: int, wanted: list[int | None]) -> None:
    layout = lay_out(100, height, 4, wanted)

    assert len(layout.bands) == len(wanted)
    top = 0
    for band in layout.bands:
        assert band.top == top
        top = band.bottom
    if any(lines is not None for lines in wanted):
        assert top >= layout.room  # the last open one takes what nobody wanted
        assert layout.most_scroll == top - layout.room


@given(st.integers(0, 120), wanted_lines)
def test_a_band_is_tall_enough_to_read_or_as_tall_as_it_wants(height: int, wanted: list[int | None]) -> None:
    layout = lay_out(100, height, 4, wanted)

    for lines, band in zip(wanted, layout.bands, strict=True):
        if lines is None:
            assert (band.head, band.body) == (1, 0)
        else:
            assert band.body >= min(max(lines, EMPTY_BAND), LEAST_BAND)


@given(st.integers(0, 120), wanted_lines)
def test_nobody_starves_while_another_has_more_than_its_share(height: int, wanted: list[int | None]) -> None:
    layout = lay_out(100, height, 4, wanted)

    hungry = [band.body for lines, band in zip(wanted, layout.bands, strict=True) if (lines or 0) > band.body]
    least = min(hungry, default=0)
    for lines, band in zip(wanted, layout.bands, strict=True):
        if hungry and lines is not None:
            assert band.body <= max(least + 1, LEAST_BAND)


def test_one_swimlane_needs_no_head_until_it_is_collapsed() -> None:
    assert lay_out(100, 30, 4, [10]).bands[0].head == 0
    assert lay_out(100, 30, 4, [None]).bands[0].head == 1
    assert [band.head for band in lay_out(100, 30, 4, [10, 10]).bands] == [1, 1]


@pytest.mark.parametrize(("width", "shown"), [(20, 1), (43, 1), (44, 2), (80, 3), (160, 7), (250, 11)])
def test_as_many_columns_are_shown_as_are_wide_enough(width: int, shown: int) -> None:
    assert len(lay_out(width, 30, 30, [10]).column_widths) == shown


@given(st.integers(1, 250), st.integers(0, 70), st.integers(0, 30), wanted_lines, st.integers(0, 50))
def test_every_point_is_a_spot_of_a_band_or_nothing(
    width: int, height: int, columns: int, wanted: list[int | None], scroll: int
) -> None:
    layout = lay_out(width, height, columns, wanted)
    scroll = min(scroll, layout.most_scroll)

    for x in {0, width // 2, width - 1, width}:
        for y in range(-1, height + 2):
            spot = layout.spot_at(x, y, scroll)
            inside = columns > 0 and 0 <= x < width and HEAD <= y < height
            if spot is None:
                assert not inside or y - HEAD + scroll >= (layout.bands[-1].bottom if layout.bands else 0)
            else:
                band = layout.bands[spot.swimlane]
                assert inside
                assert band.top <= y - HEAD + scroll < band.bottom
                assert spot.line == y - HEAD + scroll - band.body_top
