"""What one more of each burden costs whom, so that the next roster evens the ratios out."""

from scheduling.fairness.ledger import Account, Ledger, Line


def prices(book: Ledger, unit: int, most: int | None = None) -> dict[str, dict[str, int]]:
    """{person: {burden: cost of one more}}, whole numbers from 0, as `Person.burdens` takes them.

    `unit` is what one costs who stands where the group does (`Account.fair`), in the measure of a
    roster's costs; anybody else's is as many times that as their standing is of the group's, at
    most `most`. So it grows with the standing, new people have that of the median, and nothing
    changes where everybody bears twice as much. Where nothing was borne yet all cost the same. Who
    cannot bear it is charged nothing.

    The sum of burden x burden / eligible is smallest where all ratios are equal, and what one more
    adds to it is in proportion to the ratio: who buys by these prices goes towards that.
    Raises ValueError where `unit` is below 0 or above `most`.
    """
    if unit < 0 or (most is not None and most < unit):
        raise ValueError(f"one more costs from 0 to {most}, not {unit}")
    people = next(iter(book.accounts.values())).lines
    return {
        person: {
            str(account.burden): _price(account, account.lines[person], unit, most)
            for account in book.accounts.values()
        }
        for person in people
    }


def _price(account: Account, line: Line, unit: int, most: int | None) -> int:
    if not line.may:
        return 0
    if line.standing is None or not account.fair:
        return unit
    price = int(unit * line.standing / account.fair + 0.5)
    return price if most is None else min(price, most)
