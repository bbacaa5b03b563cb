"""How long what is held of people is kept: rules, what goes by them each night, and what must never
be counted anew after it went."""
