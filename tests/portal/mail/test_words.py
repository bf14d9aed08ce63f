"""The agency's own words: what they may hold, what is refused with a reason, and what counts for whom."""

from dataclasses import replace

import pytest

from portal import registry
from portal.audit.models import AuditEntry
from portal.mail import wordings
from portal.mail.checking import problems_of
from portal.mail.defaults import Words, default_words
from portal.mail.marks import html_of
from portal.mail.models import Wording
from portal.mail.plain import text_of
from portal.mail.rendering import render_mail
from portal.mail.source import choose, fill_line
from portal.module import Kind, Placeholder
from portal.people.models import Client, Staff
from tenants.agencies.current import CurrentAgency, inside

INVITATION = registry.emails()["people.invitation"]
SIGN_IN = registry.emails()["people.sign_in"]
ISSUED = registry.emails()["invoices.issued"]
READY = registry.emails()["deliverables.ready"]
KNOWN = {
    "who": Placeholder("Who"),
    "text": Placeholder("Text", Kind.LONG),
    "is_late": Placeholder("Late", Kind.FLAG),
    "url": Placeholder("Page", Kind.LINK),
    "code": Placeholder("Code", Kind.CODE),
}
VALUES = {"who": "Maria", "text": "One\nTwo", "is_late": True, "url": "https://a.example/x", "code": "012345"}


def body_problems(body: str) -> str:
    words = replace(default_words(READY), body=body + "\n\n[Look]({{ url }})")
    return " ".join(problems_of(READY, words).get("body", []))


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("Hello **{{ who }}**", "<p>Hello <strong>Maria</strong></p>"),
        ("# Hi {{ who }}", "<h1>Hi Maria</h1>"),
        ("~ small", '<p class="soft">small</p>'),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("> {{ text }}", '<blockquote class="quote">\n<p>One<br>Two</p>\n</blockquote>'),
        ("[Go]({{ url }})", '<p class="button-cell"><a class="button" href="https://a.example/x">Go</a></p>'),
        ("see [it]({{ url }})", '<p>see <a href="https://a.example/x">it</a></p>'),
        ("{{ code }}", '<p class="code">012345</p>'),
        ("[[is_late: late]][[not is_late: due]]", "<p>late</p>"),
        ("a\n\n[[not is_late: b]]\n\nc", "<p>a</p>\n<p>c</p>"),
        ("<b>x</b> & y", "<p>&lt;b&gt;x&lt;/b&gt; &amp; y</p>"),
        ("![x](https://evil.example/p.png)", '<p>!<a href="https://evil.example/p.png">x</a></p>'),
    ],
)
def test_a_body_becomes_html(source: str, html: str) -> None:
    assert html_of(source, VALUES, KNOWN) == html


def test_a_body_becomes_plain_words() -> None:
    source = "# Hi\n\nDear **{{ who }}**, see [it](https://b.example).\n\n- a\n- b\n\n[Go]({{ url }})\n\n{{ code }}"
    wanted = "Hi\n\nDear Maria, see it (https://b.example).\n\n- a\n- b\n\nGo:\nhttps://a.example/x\n\n012345"
    assert text_of(source, VALUES, KNOWN) == wanted


@pytest.mark.parametrize("value", ["", "   ", None, False, []])
def test_what_has_nothing_to_say_leaves_no_trace(value: object) -> None:
    values = VALUES | {"who": value}
    assert (
        html_of("a\n\n> {{ who }}\n\n- {{ who }}\n\n[[by {{ who }}]]\n\nb", values, KNOWN)
        == "<p>a</p>\n<p>b</p>"
    )


EVIL = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><style>*{display:none}",
    "[click](https://evil.example)",
    "**bold** # head",
    "{{ code }} {{ url }} {% load x %} {{ person.password }}",
    "[[is_late: x]]",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("evil", EVIL)
def test_a_value_is_printed_and_nothing_else(evil: str) -> None:
    for place in ("who", "text"):
        html = html_of(f"Dear {{{{ {place} }}}}.", VALUES | {place: evil}, KNOWN)
        assert "<script" not in html and "<img" not in html and "<style" not in html and "<strong" not in html
        assert (
            "012345" not in html
            and 'href="https://evil.example"' not in html
            and 'javascript:alert(1)"' not in html
        )
        assert evil in text_of(f"Dear {{{{ {place} }}}}.", VALUES | {place: evil}, KNOWN)


def test_a_link_leads_nowhere_but_to_an_address() -> None:
    html = html_of("[Go]({{ url }})", VALUES | {"url": "javascript:alert(1)"}, KNOWN)
    assert "javascript" not in html


@pytest.mark.parametrize("evil", ["a\r\nBcc: x@evil.example", "a\nb", "a\x00\x0b\u2028b", "\u202egnp.exe"])
def test_no_value_breaks_out_of_a_subject(evil: str) -> None:
    subject = fill_line("News of {{ who }}", {"who": evil}, KNOWN)
    assert len(subject.splitlines()) == 1 and subject.startswith("News of ") and subject.isprintable()


def test_a_value_is_not_read_a_second_time() -> None:
    assert choose("{{ who }}", {"who": "{{ code }}"}, KNOWN) == "{{ who }}"
    assert fill_line("{{ who }}", {"who": "{{ code }}", "code": "1"}, KNOWN) == "{{ code }}"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{{ delivrable }}", "Did you mean deliverable?"),
        ("{{ First name }}", "Did you mean first_name?"),
        ("{{ person.password }}", "no placeholder {{ person.password }}"),
        ("{{ brand|safe }}", "no placeholder"),
        ("{% include 'x' %}", "two pairs of curly brackets"),
        ("{{ due", "two pairs of curly brackets"),
        ("{{ is_interactive }}", "Write [[is_interactive: words]]"),
        ("[[is_interactiv: x]]", "Did you mean is_interactive?"),
        ("[[always]]", "no placeholder. Take the brackets off"),
        ("[[open {{ due }}", "the other side is missing"),
        ("[x](javascript:alert)", "is no address"),
        ("[x](/relative)", "is no address"),
        ("[x](https://a.example/{{ due }})", "not to a mixture"),
        ("[x]({{ due }})", "due is not a link"),
        ("[x](https://a b)", "A link is not complete"),
    ],
)
def test_words_that_cannot_be_used_are_refused_with_the_reason(body: str, said: str) -> None:
    assert said in body_problems(body)


def test_plain_words_are_not_refused() -> None:
    assert body_problems("Note: {{ due }} [[Note: by {{ due }}]] [a] (b) {c} *d* https://x.example") == ""


def test_what_the_mail_cannot_do_without_has_to_stay_in_every_case() -> None:
    words = default_words(SIGN_IN)
    gone = problems_of(SIGN_IN, replace(words, body=words.body.replace("{{ code }}", "")))
    assert "without {{ code }}" in gone["body"][0]
    hidden = "Hello\n\n[[is_interactive: [Look]({{ url }})]]"
    assert (
        "missing from some mails" in problems_of(READY, replace(default_words(READY), body=hidden))["body"][0]
    )
    maybe = "Hello\n\n[[{{ due }} [Look]({{ url }})]]"
    assert (
        "missing from some mails" in problems_of(READY, replace(default_words(READY), body=maybe))["body"][0]
    )
    both = "[[is_interactive: [Look]({{ url }})]][[not is_interactive: [See]({{ url }})]]"
    assert not problems_of(READY, replace(default_words(READY), body=both))


@pytest.mark.parametrize("name", ["button_url", "code", "items"])
def test_what_opens_doors_stays_out_of_subjects(name: str) -> None:
    email = INVITATION if name == "items" else SIGN_IN
    for field in ("subject", "before", "foot"):
        words = replace(default_words(email), **{field: f"x {{{{ {name} }}}}"})
        assert field in problems_of(email, words)


def test_subject_and_body_are_wanted_and_not_endless() -> None:
    assert set(problems_of(READY, Words(subject=" ", body=" "))) == {"subject", "body"}
    assert "longer" in problems_of(READY, replace(default_words(READY), subject="x" * 201))["subject"][0]
    assert "one line" in problems_of(READY, replace(default_words(READY), subject="a\nBcc: x"))["subject"][0]


def test_the_persons_language_then_the_agencys_then_the_default(
    northwind: CurrentAgency, maria: Client, alice_staff: Staff
) -> None:
    with inside(northwind):
        words = {"person": maria, **ISSUED.sample}
        default = render_mail(ISSUED, words).subject
        maria.language = "de"
        assert render_mail(ISSUED, words).subject == default
        change(alice_staff, subject="Ours {{ number }}")
        assert render_mail(ISSUED, words).subject == "Ours 2026-0017"
        change(alice_staff, "de", subject="Rechnung {{ number }}")
        mail = render_mail(ISSUED, words)
        assert mail.subject == "Rechnung 2026-0017" and '<html lang="de"' in mail.html
        maria.language = "fr"
        assert render_mail(ISSUED, words).subject == "Ours 2026-0017"
        assert wordings.shown_words(ISSUED, "fr").subject == "Ours {{ number }}"


def test_words_that_an_update_broke_are_passed_over(
    northwind: CurrentAgency, maria: Client, alice_staff: Staff
) -> None:
    with inside(northwind):
        broken = replace(default_words(ISSUED), subject="{{ placeholder_of_last_year }}").__dict__
        Wording.objects.create(email=ISSUED.key, language="en", by=alice_staff, **broken)
        assert (
            render_mail(ISSUED, {"person": maria, **ISSUED.sample}).subject
            == "Invoice 2026-0017: New website"
        )


def test_each_change_is_kept_and_recorded_and_the_last_can_be_undone(
    northwind: CurrentAgency, alice_staff: Staff
) -> None:
    with inside(northwind):
        change(alice_staff, subject="One")
        change(alice_staff, subject="Two")
        first = Wording.objects.order_by("pk").first()
        assert wordings.bring_back(first, ISSUED, "en", by=alice_staff)
        assert wordings.shown_words(ISSUED, "en").subject == "One" and Wording.objects.count() == 3
        assert wordings.bring_back(None, ISSUED, "en", by=alice_staff)
        assert wordings.shown_words(ISSUED, "en") == default_words(ISSUED)
        entry = AuditEntry.objects.order_by("-pk").first()
        assert (
            entry
            and entry.verb == "mail.words_reset"
            and entry.change == {"subject": ["One", "Invoice {{ number }}: {{ title }}"]}
        )


def test_who_saves_over_somebody_elses_change_is_told(northwind: CurrentAgency, alice_staff: Staff) -> None:
    with inside(northwind):
        change(alice_staff, subject="One")
        with pytest.raises(wordings.ChangedMeanwhile):
            wordings.change_words(ISSUED, "en", default_words(ISSUED), by=alice_staff, seen=0)


def test_a_member_changes_nothing(northwind: CurrentAgency, alice_staff: Staff) -> None:
    with inside(northwind):
        alice_staff.role = Staff.Role.MEMBER
        for asked in (
            lambda: change(alice_staff, subject="One"),
            lambda: wordings.reset_words(ISSUED, "en", by=alice_staff),
            lambda: wordings.bring_back(None, ISSUED, "en", by=alice_staff),
        ):
            with pytest.raises(wordings.NotYours):
                asked()
        assert not Wording.objects.exists()


def test_another_agencys_words_are_its_own(
    northwind: CurrentAgency, harbour: CurrentAgency, alice_staff: Staff
) -> None:
    with inside(northwind):
        change(alice_staff, subject="Northwind's")
    with inside(harbour):
        assert render_mail(ISSUED, ISSUED.sample).subject == "Invoice 2026-0017: New website"


def change(by: Staff, language: str = "en", **words: str) -> None:
    newest = wordings.newest_of(ISSUED, language)
    wanted = replace(default_words(ISSUED), **words)
    assert wordings.change_words(ISSUED, language, wanted, by=by, seen=newest.pk if newest else 0)


def test_rules_for_phones_and_dark_screens_leave_with_the_mail(northwind: CurrentAgency) -> None:
    with inside(northwind):
        html = render_mail(ISSUED, ISSUED.sample).html
    assert "prefers-color-scheme: dark" in html and "max-width: 600px" in html and 'style="' in html
