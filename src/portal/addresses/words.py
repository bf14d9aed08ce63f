"""What the pages say about each state of a claim, and about what a certificate authority answered."""

from dataclasses import dataclass

from tenants.domains.models import DomainState, TxtReason
from tenants.domains.removing import BY_OPERATOR


@dataclass(frozen=True)
class StateWords:
    """One state in words: the badge's tone, the heading, and what happens next.

    Texts may name `{host}`. `step` is the place in STEPS; None: the claim is on no way at all.
    """

    tone: str
    title: str
    note: str
    icon: str = "clock"
    step: int | None = None


STEPS = ("DNS record", "Certificate", "Installation", "Live")

STATES: dict[str, StateWords] = {
    DomainState.PENDING_DNS: StateWords(
        "notice",
        "Add this at your DNS provider",
        "We look for it by ourselves and do the rest as soon as it is there. You can close this page.",
        "globe",
        0,
    ),
    DomainState.VERIFIED: StateWords(
        "notice",
        "DNS is right, the certificate comes next",
        "Nothing to do for you: this usually takes a few seconds.",
        "lock",
        1,
    ),
    DomainState.ISSUING: StateWords(
        "notice",
        "Getting the certificate",
        "DNS is right. A certificate authority is checking {host}; this usually takes a few seconds.",
        "lock",
        1,
    ),
    DomainState.ISSUE_RETRY: StateWords(
        "warning",
        "The certificate is delayed",
        "We try again by ourselves. Until then your portal answers on its default address as before.",
        "clock",
        1,
    ),
    DomainState.DEPLOYING: StateWords(
        "notice",
        "Installing the certificate",
        "It is here. We are making sure that {host} answers with it; this usually takes a few seconds.",
        "lock",
        2,
    ),
    DomainState.ACTIVE: StateWords(
        "positive",
        "Your portal is live on {host}",
        "The certificate renews itself. We look at the DNS records every day and write to you if they change.",
        "check",
        3,
    ),
    DomainState.DEGRADED: StateWords(
        "negative",
        "{host} no longer leads to your portal",
        "Put back the record below. Nothing is lost: as soon as it is there, everything is as before.",
        "warning",
    ),
    DomainState.BLOCKED: StateWords(
        "negative",
        "{host} cannot be used",
        "Your portal answers on its default address. Nothing else is affected.",
        "error",
    ),
    DomainState.RELEASED: StateWords(
        "",
        "{host} was released",
        "Its DNS no longer led to your portal, or your plan no longer included it. Your portal answers on its"
        " default address.",
        "undo",
    ),
    DomainState.EXPIRED: StateWords(
        "",
        "The wait for {host} is over",
        "Its DNS record did not appear within 30 days, so we stopped looking.",
        "calendar",
    ),
    DomainState.REMOVED: StateWords(
        "",
        "{host} was removed",
        "Your portal no longer answers on it.",
        "trash",
    ),
}

TXT_REASONS: dict[str, str] = {
    TxtReason.ALREADY_POINTED: "{host} already led to us before you entered it, so the record that leads here does not"
    " show that it is yours. A TXT record with a secret of your own does.",
    TxtReason.ALSO_CLAIMED: "Another agency has entered {host} too. Whoever can add this TXT record to the domain"
    " gets it.",
    TxtReason.PAST_OWNER: "{host} was connected to another agency within the last 90 days. The TXT record shows that"
    " it is yours now.",
    TxtReason.BY_ADDRESS: "{host} leads here by an address that all portals share, so the address does not show that"
    " the name is yours. A TXT record with a secret of your own does.",
    TxtReason.WILDCARD: "Your domain answers for every name below it (a wildcard record), so the record that leads here"
    " does not show that this name was meant. A TXT record does.",
}


@dataclass(frozen=True)
class Reason:
    """Why there is no certificate yet: what was said, and what helps."""

    said: str
    helps: str


_BUSY = Reason(
    "The certificate authority did not answer.",
    "Nothing to do: this passes by itself, and we try again.",
)
_OURS = Reason("Something is not set up right on our side.", "Nothing to do: our team sees it.")
_REACH = Reason(
    "The certificate authority could not reach your portal through {host}.",
    "If you have just changed the record, it passes within the hour. If a proxy stands before it (the orange cloud"
    " at Cloudflare), switch it to “DNS only”.",
)
REASONS: dict[str, Reason] = {
    "caa": Reason(
        "A CAA record of your domain does not let our certificate authority issue for {host}.",
        "Add the CAA record below, or delete the CAA records if you do not know why they are there.",
    ),
    "dns": Reason(
        "The certificate authority could not look {host} up.",
        "Usually one of your domain’s name servers does not answer at times. If it lasts, ask your DNS provider.",
    ),
    "connection": _REACH,
    "tls": _REACH,
    "unauthorized": Reason(
        "When the certificate authority opened {host}, something other than your portal answered.",
        "An old A or AAAA record, or a proxy, still stands beside the new one. Delete it.",
    ),
    "incorrectResponse": Reason(
        "When the certificate authority opened {host}, something other than your portal answered.",
        "An old A or AAAA record, or a proxy, still stands beside the new one. Delete it.",
    ),
    "rateLimited": Reason(
        "The certificate authority gives out only so many certificates in a while, and asks us to wait.",
        "Nothing to do: we try again at the time below.",
    ),
    "rejectedIdentifier": Reason(
        "The certificate authority gives out no certificates for {host}.",
        "Its own rules say so, and nothing in your DNS changes that. Use another name of your domain.",
    ),
    "budget": Reason(
        "The certificate authority gives out only so many certificates in a while, so we wait before we ask.",
        "Nothing to do: we try again at the time below.",
    ),
    "serverInternal": _BUSY,
    "timeout": _BUSY,
    "busy": _BUSY,
    "stale": _BUSY,
    "nonsense": _BUSY,
    "configuration": _OURS,
    "notConfigured": _OURS,
    BY_OPERATOR: Reason(
        "Our team has blocked this name.", "Write to us if you think that this is a mistake."
    ),
    "plan": Reason(
        "Your plan does not include an address of your own.", "With a plan that does, it goes on from here."
    ),
    "contested": Reason(
        "Another agency’s TXT record stands beside yours.", "Delete the other one, then verify again."
    ),
    "owner_is_busy": Reason("The name is being handed over to you.", "This takes a few seconds."),
}
_UNKNOWN = Reason("The certificate authority said no for now.", "We try again by ourselves.")


def reason_of(problem: str, host: str, *, is_live: bool = False) -> Reason | None:
    """The problem of a claim in words; None: it has none that is not among its DNS findings.

    Args:
        is_live: an unknown problem is none of a certificate authority's then.
    """
    found = REASONS.get(problem, None if is_live or not problem else _UNKNOWN)
    return Reason(found.said.format(host=host), found.helps) if found else None


def txt_reason(code: str, host: str) -> str:
    """Why the TXT record is needed; empty: it is not."""
    return TXT_REASONS.get(code, "").format(host=host)
