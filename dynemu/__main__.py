"""``python -m dynemu``."""

import sys

from dynemu.cli import main

sys.exit(main())
