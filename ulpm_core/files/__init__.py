"""Files of arrays: `npz` reads and writes bytes; a reader of each kind stands above what it returns.

.. include:: ../../docs/files.md
"""
