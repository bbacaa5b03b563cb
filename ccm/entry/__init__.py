"""Who gets in: by a password, a passkey or the company's directory, and with what second factor."""
