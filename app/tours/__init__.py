"""Tours: lessons, decks and rooms, read from one kind of document."""
