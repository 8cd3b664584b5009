"""`python -m ulpm_core`: see :mod:`ulpm_core.cli`."""

import os
import sys

if os.name == "posix" and "OPENBLAS_NUM_THREADS" not in os.environ:
    # The matrices of a run are small: a second thread only makes it slower. The package has loaded NumPy, which reads
    # this once, so the process starts over; on Windows that would leave the shell before the run is done.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])

from ulpm_core.cli import main
from ulpm_core.terminal import end

end(main)
