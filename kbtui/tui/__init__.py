"""The board on the screen, in Textual."""

import os

# Textual reads this when it is imported. 60 frames a second would hold a key back by up to 17 ms when a keyboard
# repeats at 60 Hz; 120 keeps up.
os.environ.setdefault("TEXTUAL_FPS", "120")
