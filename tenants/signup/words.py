"""Words that cannot be a portal's address. Kept small: what would mislead, and what nobody wants to read."""

from tenants.routing.resolve import CONSOLE_LABEL, CONSOLE_PAGES

_RESERVED = """
about abuse account admin administrator apex api app assets auth autoconfig autodiscover billing blog
careers cdn client clients cloud community console contact dashboard demo dev developers dns docs domain
email example files ftp git help hostmaster http https imap info internal invite isatap legal local
localhost login logout mail main media mx news noc ns ns1 ns2 ns3 ns4 oauth official operator owner pay
payment payments pop pop3 portal postmaster preview pricing privacy prod production proxy public register
root sales secure security server shop signin signup sites smtp ssl sso staff staging start static status
store stripe support system team terms test trust unsubscribe update upload verify vpn web webhook
webhooks webmaster wpad www
"""
_RUDE = """
anal arse ass bastard bitch cock cunt dick hitler nazi penis piss porn porno pussy rape sex shit slut tits
twat vagina wank whore xxx
"""

RESERVED = frozenset(_RESERVED.split()) | {word for word in CONSOLE_PAGES | {CONSOLE_LABEL} if word}
# As a word of its own between hyphens; the second list anywhere.
RUDE_WORDS = frozenset(_RUDE.split())
RUDE_PARTS = ("fuck", "nigger", "faggot", "arschloch", "hurensohn", "kanake")
