"""The engine for one processor core: Numba, down to vectors of numbers."""
