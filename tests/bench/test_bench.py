"""The measurements run and print what they promise; how fast this machine is, is not tested."""

import json
import subprocess
import sys

import pytest

from bench.__main__ import names
from bench.report import Goal, Report, percentile
from tests.processes import ROOT, environment


def test_the_measurements_are_found_by_scanning() -> None:
    assert {"domains", "money", "page", "signup"} <= set(names())


def test_the_last_line_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report()
    report.add("dashboard_queries", 9, goal=Goal(15))
    report.add_times("form_to_portal", [0.1, 0.2, 0.3], goal_p95=Goal(150))
    report.add("deliverable_queries", None, goal=Goal(15))
    report.add("claim_vs_stock_migrate_x", 1200.4567, goal=Goal(1000, at_most=False))
    report.print()
    *lines, last = capsys.readouterr().out.strip().splitlines()
    assert json.loads(last) == {
        "dashboard_queries": 9,
        "form_to_portal_ms_p50": 200.0,
        "form_to_portal_ms_p95": 300.0,
        "deliverable_queries": None,
        "claim_vs_stock_migrate_x": 1200.457,
    }
    said = {line.split()[0]: line for line in lines}
    assert said["dashboard_queries"].endswith("goal ≤ 15: reached")
    assert said["form_to_portal_ms_p95"].endswith("goal ≤ 150: MISSED")
    assert said["claim_vs_stock_migrate_x"].endswith("goal ≥ 1000: reached")
    assert "not measured" in said["deliverable_queries"]
    assert said["deliverable_queries"].endswith("MISSED"), "what was not measured has not reached its goal"


def test_percentiles_are_values_that_were_measured() -> None:
    assert percentile([5.0], 95) == 5.0
    assert percentile([float(n) for n in range(1, 101)], 95) == 95.0
    assert percentile([3.0, 1.0, 2.0], 50) == 2.0


def test_sign_up_is_measured_from_end_to_end(committed_db: None) -> None:
    """On a database of its own, made here: stock migration, claim, and the form over real HTTP."""
    command = [sys.executable, "-m", "bench", "signup", "--quick", "--as-is"]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stderr[-3000:]
    figures = json.loads(done.stdout.strip().splitlines()[-1])
    promised = {"claim_vs_stock_migrate_x", "form_to_portal_ms_p95", "stock_migrate_ms_p50", "claim_ms_p95"}
    assert promised <= set(figures)
    assert all(figures[name] > 0 for name in promised)


def test_custom_domains_are_measured_from_verify_to_every_edge(committed_db: None) -> None:
    """With real DNS, Pebble, nginx and worker; wrong DNS costs no order and no handshake fails."""
    command = [sys.executable, "-m", "bench", "domains", "--quick", "--as-is"]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stderr[-3000:]
    figures = json.loads(done.stdout.strip().splitlines()[-1])
    assert figures["verify_to_green_ms_p95"] > 0
    assert figures["commit_to_edge_ms_p95"] > 0
    assert figures["handshakes_during_renewals"] > 0
    assert (figures["orders_on_wrong_dns"], figures["failed_handshakes"]) == (0, 0)
    assert figures["situations_named"] == 18
    assert figures["names_served_with_agent_and_app_dead"] == 1


def test_money_is_measured_from_webhook_to_ledger_and_with_many_invoices(committed_db: None) -> None:
    """With a real web server, worker and Stripe simulator; what is booked and what is summed is right."""
    command = [sys.executable, "-m", "bench", "money", "--quick", "--as-is"]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stderr[-3000:]
    figures = json.loads(done.stdout.strip().splitlines()[-1])
    promised = {"webhook_accept_ms_p95", "events_per_s", "invoice_pdf_ms", "list_100k_vs_1k_x"}
    assert promised | {"statement_100k_vs_1k_x"} <= set(figures)
    assert all(figures[name] > 0 for name in promised)
    assert (figures["sums_drift_few"], figures["sums_drift_many"]) == (0, 0)
