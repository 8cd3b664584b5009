"""`python -m ulpm_core`: see :mod:`ulpm_core.cli`."""

import sys

from ulpm_core.cli import main

sys.exit(main())
