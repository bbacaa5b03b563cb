"""Rules over what is known of agents, which propose sessions and never plan one."""
