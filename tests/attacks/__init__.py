"""What a hostile person tries: probes of others' objects, bad values, formulas, forged requests.

What is asked is made of the address resolver, the matrix of access and the models, so that a new
page, form, file or column is tried without being named here. The suite tries a part of it, and
`python -m tests.heavy.attacks` more.
"""
