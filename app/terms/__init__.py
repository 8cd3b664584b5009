"""The glossary: terms and symbols that explain themselves wherever they stand, formulas as MathML, sources."""
