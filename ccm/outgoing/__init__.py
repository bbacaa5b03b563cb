"""Messages out: mails and webhooks, from an outbox that loses none."""
