"""The words about what stands beside the record that leads here: IPv6, CAA, TXT, wildcard."""

from tenants.domains.advice_case import CHECKED_AGAIN, Advice, Case, Record, listed
from tenants.domains.caa import recommended


def stale_aaaa(case: Case) -> Advice:
    """An old IPv6 address."""
    return Advice(
        f"We found an AAAA record (IPv6) with the value {listed(case.report.stale_aaaa)}, which is not ours.",
        f"Remove the AAAA record of {case.label} {case.at_provider}. Many visitors, and the certificate authority, "
        "try IPv6 first and would reach the old server.",
    )


def caa_forbids(case: Case) -> Advice:
    """CAA names others, or something nobody knows."""
    report = case.report
    at = report.caa_at
    records = [Record("CAA", name, value) for name, value in recommended(at)]
    found = f"{at} has the CAA record {listed(report.caa_records)}"
    if report.caa_problem == "critical":
        return Advice(
            f"{found}: it is marked as critical and no certificate authority knows it, so none may issue.",
            f"Remove the CAA record of {at} that begins with 128 {case.at_provider}.",
            records,
        )
    return Advice(
        f"{found}: it lets only others make certificates for your domain.",
        f"Add the CAA record below {case.at_provider}. The one that is there can stay.",
        records,
    )


def caa_parameters(case: Case) -> Advice:
    """CAA names us, for another method or account."""
    at = case.report.caa_at
    return Advice(
        f"{at} has the CAA record {listed(case.report.caa_records)}: it names our certificate authority, but only "
        "for another method (validationmethods) or for somebody else's account (accounturi).",
        f"Change its value to the one below {case.at_provider}, or add that record beside it.",
        [Record("CAA", name, value) for name, value in recommended(at)],
    )


def txt_missing(case: Case) -> Advice:
    """No TXT record, or not everywhere, or under a doubled name."""
    doubled = f"{case.proof_host}.{case.report.zone}"
    if doubled in case.report.appended:
        return Advice(
            f"We found the TXT record at {doubled}: your provider has added {case.report.zone} to the name.",
            f"Edit it {case.at_provider} and type only {case.proof_label} into its Name (or Host) field.",
            [case.proof_record],
        )
    source = [seen for seen in case.report.servers if seen.is_authoritative]
    lacking = listed(seen.shown for seen in source if seen.has_proof is False)
    some = any(seen.has_proof for seen in source)
    return Advice(
        f"There is no TXT record {case.proof_host}"
        + (f" at {lacking} yet; others have it." if some else " yet."),
        f"Add the TXT record below {case.at_provider}; its Name is {case.proof_label}. It proves "
        f"that the name is yours. {CHECKED_AGAIN}",
        [case.proof_record],
    )


def txt_wrong(case: Case) -> Advice:
    """A TXT record with another value."""
    others = [f"“{text}”" for text in case.report.txt_found if text != case.proof]
    return Advice(
        f"We found a TXT record {case.proof_host} with the value {listed(others)}.",
        f"Change its value to {case.proof} {case.at_provider}: each claim has its own.",
        [case.proof_record],
    )


def wildcard(case: Case) -> Advice:
    """Every name beside it is answered, too."""
    above = case.host.partition(".")[2]
    found = f"*.{above} answers for every name below {above}, also for names that nobody made."
    if case.needs_txt:
        return Advice(
            found,
            f"The wildcard can stay. But with it a name does not prove whose it is: the TXT record "
            f"{case.proof_host} does.",
            [case.proof_record],
            is_note=case.report.ownership == "ok",
        )
    return Advice(found, "Nothing has to change: the wildcard can stay.", is_note=True)
