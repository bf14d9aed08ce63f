"""In whose name mails go out: sender name, Reply-To, a sending domain of the agency's own."""
