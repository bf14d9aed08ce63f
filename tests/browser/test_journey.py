"""The main job, end to end in a browser: an agency signs up, its client approves, the agency beside it sees nothing."""

import re
from dataclasses import dataclass
from io import BytesIO

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import PHONE, NewPage
from tests.browser.platform import Running
from tests.browser.walking import ask, cookies_of, link_in, sign_in_client, sign_in_staff, walk

SECRET = "Heron of Kestrel Lane"  # stands in every name that only this client may read


@dataclass(frozen=True)
class Story:
    """One telling: with scripts and without."""

    slug: str
    agency: str
    owner: str
    client: str
    scripts: bool


STORIES = [
    Story("fern-and-field", "Fern & Field", "freya@fern.example", "paul@bloom.example", True),
    Story("plain-and-simple", "Plain Simple", "petra@plain.example", "nora@bloom.example", False),
]


@pytest.mark.parametrize("story", STORIES, ids=["scripts", "no-scripts"])
def test_from_sign_up_to_approval(platform: Running, new_page: NewPage, story: Story) -> None:
    owner = new_page(scripts=story.scripts)
    _sign_up(platform, owner, story)
    _brand(owner)
    _make_project(owner)
    _invite(owner, story)
    link = link_in(platform.mail(story.client, story.agency))
    _scan(
        platform.mail(story.client, story.agency)["text"], platform.mail(story.client, story.agency)["html"]
    )

    phone = new_page(PHONE, scripts=story.scripts)
    phone.goto(link)
    phone.get_by_role("button", name="Open my portal").click()
    expect(phone.get_by_role("heading", name=SECRET).first).to_be_visible()
    expect(phone.get_by_text("Site map").first).to_be_visible()
    assert "25 %" in phone.content() or "25%" in phone.content()

    _show_deliverable(owner)
    review = platform.mail(story.client, f"{SECRET} poster")
    phone.goto(re.findall(r"http://\S+/deliverables/\d+/\S*", review["text"])[0])
    picture = phone.locator("main img").first
    expect(picture).to_be_visible()
    assert picture.evaluate("one => one.complete && one.naturalWidth") == 640
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.get_by_role("button", name="Approve").first.click()
    if story.scripts:
        phone.get_by_role("dialog").get_by_role("button", name="Approve").click()
    expect(phone.get_by_role("heading", level=1).get_by_text("Approved")).to_be_visible()

    owner.reload()
    expect(owner.get_by_role("heading", level=1).get_by_text("Approved")).to_be_visible()
    _neighbours_see_nothing(platform, new_page, owner, phone, story)


def _sign_up(platform: Running, page: Page, story: Story) -> None:
    """From the public page to the console."""
    page.goto(platform.address(""))
    page.get_by_role("link", name="Start free").first.click()
    page.get_by_label("Your work e-mail").fill(story.owner)
    page.get_by_role("button", name="Send me a code").click()
    code = re.search(r"\b(\d{6})\b|\b(\d{3} \d{3})\b", platform.mail(story.owner, "")["text"])
    assert code
    page.get_by_label("The code").fill(code[0].replace(" ", ""))
    if not story.scripts:
        page.get_by_role("button", name="Continue").click()
    page.get_by_label("Your name").fill("Freya Holm")
    page.get_by_label("Your agency's name").fill(story.agency)
    page.get_by_label("Your portal's address").fill(story.slug)
    page.get_by_role("button", name="Continue").last.click()
    page.get_by_role("button", name="Make my portal").click()
    expect(page.get_by_role("heading", name="Your portal is ready")).to_be_visible()
    assert ask(platform.address(story.slug, "/sign-in/"), {}).status == 200
    page.get_by_role("link", name="Open your console").click()
    if not story.scripts:  # with scripts the form of the hand-over goes off by itself
        page.get_by_role("button", name="Open the console").click()
    expect(page.get_by_role("heading", name="First steps")).to_be_visible()


def _menu(page: Page, name: str) -> None:
    page.get_by_role("navigation").get_by_role("link", name=name, exact=True).first.click()


def _brand(page: Page) -> None:
    page.get_by_role("link", name=re.compile("Make it yours")).click()
    page.locator("input[name=accent]").first.fill("#15803d")
    page.get_by_role("button", name="Save the look").click()
    expect(page.locator("input[name=accent]").first).to_have_value("#15803d")


def _make_project(page: Page) -> None:
    """For a company with a first client, with two milestones of which the lighter one is done: 1 of 4."""
    _menu(page, "Clients")
    page.get_by_role("link", name="Add a client").first.click()
    page.get_by_label("Name", exact=True).fill("Rosa Bloom")
    page.get_by_label("E-mail").fill("rosa@bloom.example")
    page.get_by_label("Company").first.fill(f"{SECRET} Ltd")
    page.get_by_role("button", name="Add without a mail").click()
    _menu(page, "Projects")
    page.get_by_role("link", name="New project").first.click()
    page.get_by_label("Name", exact=True).fill(SECRET)
    page.get_by_label("For", exact=True).select_option(label=f"{SECRET} Ltd")
    page.get_by_role("button", name="Create project").click()
    expect(page.get_by_role("heading", level=1, name=SECRET)).to_be_visible()
    for name, weight in (("Site map", "1"), ("Drawings", "3")):
        if name != "Site map":  # the form is open while there are no milestones
            page.get_by_text("Add a milestone").click()
        page.locator("[name=name]").fill(name)
        page.locator("[name=weight]").fill(weight)
        page.get_by_role("button", name="Add milestone").click()
        expect(page.get_by_role("link", name=name)).to_be_visible()
    page.get_by_role("link", name="Site map").click()
    page.get_by_text("Done", exact=True).click()
    page.get_by_role("button", name="Save").click()


def _invite(page: Page, story: Story) -> None:
    page.get_by_role("navigation", name="Project").get_by_role("link", name="Access").click()
    page.get_by_label("E-mail").fill(story.client)
    page.get_by_label("Name", exact=True).fill("Paul Bloom")
    page.get_by_role("button", name="Add and invite").click()
    expect(page.get_by_text(story.client).first).to_be_visible()


def _scan(*bodies: str) -> None:
    """A mail scanner opens every link, twice, and sends its forms, from nowhere and without cookies."""
    links = {link for body in bodies for link in re.findall(r"http://[^\s\"'<>]+", body)}
    assert links
    for link in sorted(links):
        for form in (None, None, {}, {"proof": "guessed"}):
            assert ask(link, {}, form).status < 500


def _show_deliverable(page: Page) -> None:
    _menu(page, "Deliverables")
    page.get_by_role("link", name="New deliverable").first.click()
    if page.get_by_role("link", name=SECRET).first.is_visible():
        page.get_by_role("link", name=SECRET).first.click()
    page.get_by_label("Name", exact=True).fill(f"{SECRET} poster")
    page.locator("input[type=file]").set_input_files(_poster())
    box = page.get_by_label("Paul Bloom").first
    if box.is_visible() and not box.is_checked():
        box.check()
    page.get_by_role("button", name="Create deliverable").click()
    page.get_by_role("button", name="Ready for review").click()
    expect(page.get_by_role("heading", level=1).get_by_text("Ready for review")).to_be_visible()


def _poster() -> FilePayload:
    image, written = Image.new("RGB", (640, 400), "white"), BytesIO()
    ImageDraw.Draw(image).ellipse((200, 80, 440, 320), fill="green")
    image.save(written, "PNG")
    return {"name": "poster.png", "mimeType": "image/png", "buffer": written.getvalue()}


def _neighbours_see_nothing(
    platform: Running, new_page: NewPage, owner: Page, client: Page, story: Story
) -> None:
    """Harbour's owner and client, on their own pages and on every address that Fern's people have seen."""
    seen = walk(owner, platform.address("app", f"/{story.slug}/"))
    theirs = walk(client, platform.address(story.slug))
    assert seen.wrong + theirs.wrong == []
    hugo, ines = new_page(scripts=False), new_page(scripts=False)
    sign_in_staff(platform, hugo, "hugo@harbour.example", "/harbour/")
    sign_in_client(platform, ines, "harbour", "ines@faro.example")
    own = walk(hugo, platform.address("app", "/harbour/"))
    assert own.wrong == []
    for cookies in (cookies_of(hugo), cookies_of(ines), {}):
        for address in sorted(seen.addresses | theirs.addresses | set(own.pages)):
            answer = ask(address, cookies)
            assert answer.status < 500, address
            assert SECRET not in answer.body, address
