"""What planners say of their queues: events, overrides, words on days, ways to forecast and to
staff. Forms, lists, and what is written."""
