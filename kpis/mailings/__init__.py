"""Reports and recaps that go out by mail: `moments` says when, `data` whether there is anything to
tell yet, `letters` what each reader is told, `sending` puts it into the outbox."""
