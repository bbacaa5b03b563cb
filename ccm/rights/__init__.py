"""Which role does what: named actions, the roles that hold each, and what an admin changed of it.

`actions` is the registry, pure: each action with its words, its addresses and the roles that hold
it as long as nobody says otherwise. `holding` is the arithmetic of roles, rights and addresses,
pure too. `reach` asks it of a user, `heeding` of every request; `ways` takes what leads to a closed
address from a page. `reads` and `services` are for the admins' page.
"""
