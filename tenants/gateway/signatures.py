"""Whether a webhook was signed by Stripe (https://docs.stripe.com/webhooks#verify-manually)."""

from stripe import SignatureVerificationError, WebhookSignature

TOLERANCE_SECONDS = 300


def is_signed(body: bytes, header: str, secrets: list[str]) -> bool:
    """Whether one of the secrets signed exactly these bytes within the last five minutes.

    Several secrets are valid at once while one is being rolled. Without any, nothing is.
    """
    return any(secret and _fits(body, header, secret) for secret in secrets)


def _fits(body: bytes, header: str, secret: str) -> bool:
    try:
        return bool(WebhookSignature.verify_header(body, header, secret, TOLERANCE_SECONDS))
    # Bytes that are no UTF-8, a header that is none: as good as unsigned.
    except (SignatureVerificationError, ValueError, IndexError, TypeError):
        return False
