"""What a demo centre gains from `scheduling`: forecasts that were published and are scored since,
terms of work, and the rosters that its people worked by."""
