"""People: staff, companies, clients with their rights, invitations, sign-in links and sessions."""
