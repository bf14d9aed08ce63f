"""Pictures of ten pages with the demo's people, as docs/screenshots/*.png. Run by ./bin/screenshots."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.platform import Running, chromium, running_platform
from tests.browser.walking import sign_in_client, sign_in_staff

FOLDER = Path(__file__).resolve().parents[2] / "docs/screenshots"
COLOURS = 160  # of the palette; more are not told apart
DESK, PHONE = (1280, 860), (390, 844)


@dataclass(frozen=True)
class Shot:
    """One picture: whose page, of which host and path; `follow` names a link to press there first."""

    name: str
    who: str
    host: str
    path: str
    size: tuple[int, int] = DESK
    dark: bool = False
    follow: str = ""


SHOTS = (
    Shot("site", "", "", "/"),
    Shot("sign-in", "", "northwind", "/sign-in/"),
    Shot("dashboard", "maria", "northwind", "/"),
    Shot("dashboard-phone-dark", "maria", "northwind", "/", PHONE, dark=True),
    Shot("project", "maria", "northwind", "/projects/", follow="New website"),
    Shot("review", "maria", "northwind", "/deliverables/", follow="Homepage design"),
    Shot("review-phone", "maria", "northwind", "/deliverables/", PHONE, follow="Homepage design"),
    Shot("console", "alice", "app", "/northwind/"),
    Shot("console-project-dark", "alice", "app", "/northwind/projects/", dark=True, follow="New website"),
    Shot("branding", "alice", "app", "/northwind/branding/"),
)


def take(platform: Running, browser: Browser) -> None:
    """Sign each person in once, and take their pictures."""
    pages: dict[str, Page] = {
        "": browser.new_page(),
        "maria": browser.new_page(),
        "alice": browser.new_page(),
    }
    sign_in_client(platform, pages["maria"], "northwind", "maria@brightside.example")
    sign_in_staff(platform, pages["alice"], "alice@northwind.example", "/northwind/")
    for shot in SHOTS:
        page = pages[shot.who]
        page.set_viewport_size({"width": shot.size[0], "height": shot.size[1]})
        page.emulate_media(color_scheme="dark" if shot.dark else "light", reduced_motion="reduce")
        page.goto(platform.address(shot.host, shot.path))
        if shot.follow:
            page.locator("main").get_by_role("link", name=shot.follow).first.click()
            page.wait_for_url(_other_than(shot.path))
        page.wait_for_load_state("networkidle")
        size = _write(page.screenshot(), FOLDER / f"{shot.name}.png")
        print(f"{shot.name}.png  {size // 1024} kB", file=sys.stderr)


def _other_than(path: str) -> Callable[[str], bool]:
    return lambda address: not address.endswith(path)


def _write(png: bytes, path: Path) -> int:
    """With a palette: a third of the size. The bytes written."""
    image = Image.open(BytesIO(png)).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    return path.stat().st_size


def main() -> None:
    """On a fresh database of the server in DATABASE_URL."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright has a loop in this thread
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from tests.conftest import FLAGS
    from tests.databases import cloned_database

    FOLDER.mkdir(parents=True, exist_ok=True)
    sandbox = [] if os.geteuid() else ["--no-sandbox"]
    with (
        TemporaryDirectory() as folder,
        cloned_database("screenshots", template="empty") as database,
        running_platform(Path(folder), database) as platform,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS, *sandbox])
        take(platform, browser)
        browser.close()


if __name__ == "__main__":
    main()
