"""What a demo centre gains from `scheduling`: forecasts that were published and are scored since,
terms of work, the rosters that its people worked by and how they kept them, trades, bids, offers
of overtime, and time off that some ask for."""
