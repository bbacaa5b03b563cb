"""Sessions at their time: beside shifts, in calendars, against the roster, and told of by mail."""
