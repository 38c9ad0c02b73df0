"""``python -m kts_analysis`` is ``kts``."""

import sys

from kts_analysis.cli import main

if __name__ == "__main__":
    sys.exit(main())
