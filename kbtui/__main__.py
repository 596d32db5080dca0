"""Run the command line with ``python -m kbtui``."""

import sys

from kbtui.cli import main

if __name__ == "__main__":
    sys.exit(main())
