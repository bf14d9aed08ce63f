"""The words of each situation, for people who are not technical: exact names, fields and values."""

from collections.abc import Callable

from tenants.domains import advice_beside
from tenants.domains.advice_case import CHECKED_AGAIN, Advice, Case, Record, how_long, listed

__all__ = ["ADVICE", "Advice", "Case", "Record"]


def _no_record(case: Case) -> Advice:
    wait = case.report.wait_seconds
    just_now = (
        f" If you have just added it, it can take up to {how_long(wait)} to be seen." if wait > 1 else ""
    )
    return Advice(
        f"{case.shown} has no record at your name servers.{just_now}",
        f"Add the {case.wanted_words} below {case.at_provider}. In the Name (or Host) field most "
        f"providers want only {case.label}.",
        case.wanted,
    )


def _cname_elsewhere(case: Case) -> Advice:
    value = case.chain[0] if case.chain else "another name"
    ours = " That is one of our names, but another portal's." if case.has("other_target") else ""
    return Advice(
        f"We found a CNAME to {value}.{ours}",
        f"Change its value to {case.target} {case.at_provider}.{case.wildcard_hint}",
        case.wanted,
    )


def _cname_appended_zone(case: Case) -> Advice:
    doubled = f"{case.host}.{case.report.zone}"
    if doubled in case.report.appended:
        return Advice(
            f"We found your record at {doubled}: your provider has added {case.report.zone} to the name.",
            f"Edit that record {case.at_provider} and type only {case.label} into its Name (or Host) field.",
            case.wanted,
        )
    value = next((name for name in case.chain if name.startswith(f"{case.target}.")), "")
    return Advice(
        f"We found a CNAME to {value}: your provider has added {value.removeprefix(case.target + '.')} to the value.",
        f"Edit the CNAME {case.at_provider} and type its value with a dot at the end: {case.target}.",
        [Record("CNAME", case.host, f"{case.target}.")],
    )


def _alias_works(case: Case) -> Advice:
    advice = "Nothing has to change."
    if not case.is_apex:
        advice += (
            f" A CNAME to {case.target} would be a little safer: it follows if our addresses ever change."
        )
    return Advice(f"{case.shown} leads to {listed(case.addresses)}, which is ours.", advice, is_note=True)


def _a_mixed(case: Case) -> Advice:
    return Advice(
        f"We found {listed(case.our_addresses)}, which is ours, and {listed(case.strange_addresses)}, which is not.",
        f"Remove the A record of {case.label} with the value {listed(case.strange_addresses)} {case.at_provider}. "
        "As long as both are there, some visitors do not reach your portal.",
        [Record("A", case.host, address) for address in case.our_addresses],
    )


def _a_elsewhere(case: Case) -> Advice:
    kind = "AAAA" if all(":" in address for address in case.strange_addresses) else "A"
    found = f"We found an {kind} record with the value {listed(case.strange_addresses)}, which is not ours."
    if case.is_apex:
        fix = (
            f"Change its value to the one below {case.at_provider}: {case.shown} itself cannot have a CNAME."
        )
    else:
        fix = (
            f"Remove the {kind} record of {case.label} {case.at_provider}, then add the CNAME below: a CNAME "
            f"cannot stand beside another record of the same name.{case.wildcard_hint}"
        )
    return Advice(found, fix, case.wanted)


def _cloudflare_proxied(case: Case) -> Advice:
    found = (
        f"{case.shown} answers with {listed(case.addresses)}: these are addresses of Cloudflare's proxy "
        "(the orange cloud), so we cannot see where it leads, and no certificate can be made."
    )
    if case.report.provider not in ("", "Cloudflare"):
        return Advice(
            found,
            f"Your DNS is at {case.report.provider}. Replace the record of {case.label} there by the one below.",
            case.wanted,
        )
    return Advice(
        found,
        f"In Cloudflare open DNS › Records and edit {case.label}: click the orange cloud (“Proxied”) so that it "
        f"becomes the grey cloud (“DNS only”), check that it is the {case.wanted_words} below, and save.",
        case.wanted,
    )


def _propagating(case: Case) -> Advice:
    late = [seen for seen in case.report.servers if not seen.is_authoritative and not seen.is_good]
    answers = " ".join(
        f"{seen.shown} still answers {case.answer(seen)}." for seen in late if not seen.has_failed
    )
    return Advice(
        f"Your name servers are right. {answers}",
        f"Nothing to do but wait: the old answer may be kept for up to {how_long(case.report.wait_seconds)} more "
        f"(its TTL). {CHECKED_AGAIN}",
    )


def _partial(case: Case) -> Advice:
    source = [seen for seen in case.report.servers if seen.is_authoritative and not seen.has_failed]
    right = listed(dict.fromkeys(seen.shown for seen in source if seen.is_good))
    old = [seen for seen in source if not seen.is_good]
    answers = " ".join(f"{seen.shown} answers {case.answer(seen)}." for seen in old)
    return Advice(
        f"{right} {'leads' if ',' not in right and ' and ' not in right else 'lead'} here. {answers}",
        f"If you have just changed it, wait: name servers agree within minutes, and the old answer is kept for up to "
        f"{how_long(case.report.wait_seconds)} (its TTL). If it stays, your domain lists name servers of two "
        f"providers: add the {case.wanted_words} below at {listed(dict.fromkeys(seen.shown for seen in old))} too, "
        "or remove those name servers where you bought the domain.",
        case.wanted,
    )


def _dns_down(case: Case) -> Advice:
    report = case.report
    failed = [seen for seen in report.servers if seen.has_failed]
    reasons = " ".join(f"{seen.shown} {case.failure(seen.rcode)}." for seen in failed)
    if report.could_not_ask and any(seen.is_good for seen in report.servers if seen.is_authoritative):
        return Advice(
            f"Your name servers are right, but the internet's resolvers cannot use their answers. {reasons}",
            f"Most often DNSSEC is broken: ask your provider to check it, or switch DNSSEC off where you bought "
            f"the domain. {CHECKED_AGAIN}",
        )
    if report.caa == "error" and not report.could_not_ask:
        reasons = f"The question for CAA records of {report.caa_at} ends in an error ({listed(report.caa_records)})."
    whose = f"the name servers of {report.zone}" if report.zone else f"the name servers for {case.shown}"
    return Advice(
        f"We asked {whose} and got no usable answer. {reasons}".strip(),
        f"This says nothing against your records, and nothing is lost. {CHECKED_AGAIN} If it stays for more than "
        "an hour, send this text to your DNS provider.",
    )


def _cname_chain(case: Case) -> Advice:
    way = " → ".join([case.shown, *case.chain[:6]])
    if case.report.leads_here:
        return Advice(
            f"The CNAME leads here by a detour: {way}.",
            f"It works. A CNAME straight to {case.target} would not break when somebody changes a record in between.",
            is_note=True,
        )
    return Advice(
        f"The CNAME leads in a circle or on and on: {way}.",
        f"Change the value of the CNAME of {case.label} to {case.target} {case.at_provider}.",
        case.wanted,
    )


def _no_zone(case: Case) -> Advice:
    return Advice(
        f"The DNS knows no domain {case.bought}.",
        f"Check the spelling of {case.shown}. If it is right, look where you bought {case.bought}: it has to be "
        f"registered, not expired, and to have name servers. A new domain can take a day. {CHECKED_AGAIN}",
    )


ADVICE: dict[str, Callable[[Case], Advice]] = {
    "no_record": _no_record,
    "cname_elsewhere": _cname_elsewhere,
    "cname_appended_zone": _cname_appended_zone,
    "alias_works": _alias_works,
    "a_mixed": _a_mixed,
    "a_elsewhere": _a_elsewhere,
    "cloudflare_proxied": _cloudflare_proxied,
    "stale_aaaa": advice_beside.stale_aaaa,
    "caa_forbids": advice_beside.caa_forbids,
    "caa_parameters": advice_beside.caa_parameters,
    "propagating": _propagating,
    "partial": _partial,
    "dns_down": _dns_down,
    "txt_missing": advice_beside.txt_missing,
    "txt_wrong": advice_beside.txt_wrong,
    "wildcard": advice_beside.wildcard,
    "cname_chain": _cname_chain,
    "no_zone": _no_zone,
}
