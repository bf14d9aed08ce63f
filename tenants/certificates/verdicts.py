"""What the answer of a certificate authority means for the one who waits for a certificate."""

from tenants.certificates.answers import Problem

SOON, LATER = 60.0, 3600.0
# The CA will say the same every time (RFC 8555 §6.7).
PERMANENT = frozenset({"rejectedIdentifier", "unsupportedIdentifier"})
# It could not do its work; nobody here did anything wrong.
CA_TROUBLE = frozenset({"timeout", "unreachable", "nonsense", "serverInternal", "badNonce", "unknown"})
# It refuses us, whatever the name: an operator has to look.
OUR_TROUBLE = frozenset(
    {
        "accountDoesNotExist",
        "externalAccountRequired",
        "userActionRequired",
        "badSignatureAlgorithm",
        "badPublicKey",
        "invalidContact",
        "unsupportedContact",
        "invalidProfile",
    }
)


class Postponed(Exception):
    """No certificate yet, and not the name's fault; ask again in `seconds`."""

    def __init__(self, seconds: float, code: str, detail: str) -> None:
        self.seconds, self.code, self.detail = seconds, code, detail
        super().__init__(f"{code}: {detail} (again in {seconds:.0f} s)")


class Rejected(Exception):
    """The CA said no to this name. `permanent`: it will go on saying so, whatever DNS says."""

    def __init__(self, code: str, detail: str, *, permanent: bool = False) -> None:
        self.code, self.detail, self.permanent = code, detail, permanent
        super().__init__(f"{code}: {detail}")


def verdict(problem: Problem, *, of_name: bool = False) -> Postponed | Rejected:
    """What to raise for a problem. `of_name`: it was said of the name (a challenge's error), not of us."""
    code, detail = problem.code, problem.detail
    if code == "rateLimited" or problem.status == 429:
        return Postponed(problem.retry_after or LATER, "rateLimited", detail)
    if code in CA_TROUBLE or problem.status >= 500:
        return Postponed(problem.retry_after or SOON, code, detail)
    if code in OUR_TROUBLE or (code == "unauthorized" and not of_name):
        return Postponed(problem.retry_after or LATER, code, detail)
    if code.startswith("http"):
        return Postponed(problem.retry_after or LATER / 6, code, detail)
    return Rejected(code, detail, permanent=code in PERMANENT)
