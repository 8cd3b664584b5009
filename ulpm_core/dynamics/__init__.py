"""How the model moves: step rules, the compiled engine, and the one driver."""
