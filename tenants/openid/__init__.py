"""Sign-in of clients by Google, on the platform's side: one callback for the portals of all agencies.

A portal begins an attempt, Google sends the browser back to the platform's host, and a code leads it on to the
portal's host, where a POST from the browser that began redeems it (portal.people.google). Who the client is and
whether it may come in is the portal's question; nothing here knows clients. Any OpenID Connect provider will do
(GOOGLE_ISSUER). OpenID Connect Core 1.0, RFC 7636 (PKCE), RFC 9207 (issuer in the answer).
"""
