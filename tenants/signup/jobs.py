from tenants.jobs.jobs import public_job
from tenants.signup.operations import forget_old


@public_job("signup.forget_old", every_seconds=86_400)
def forget_old_sign_ups() -> None:
    """Sign-ups hold addresses of people who may never have come back."""
    forget_old()
