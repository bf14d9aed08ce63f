"""Rules 9–15: accounts, reconciliation, numbers, plans, cards without the client, secrets, receipts."""

from tests.planted.defect import (
    BILLING,
    GATEWAY,
    INVOICES,
    OPERATORS,
    PAPERS,
    PAYMENTS,
    Defect,
    defect,
    dropped,
)

ACCOUNTS, JOBS, GATEWAY_JOBS = (
    "tenants/gateway/accounts.py",
    "src/portal/payments/jobs.py",
    "tenants/gateway/jobs.py",
)
CATCHING_UP, RECONCILING = "tenants/gateway/catching_up.py", "src/portal/payments/reconciling.py"
NUMBERS, CHANGING = "src/modules/invoices/models/billing.py", "tenants/billing/changing.py"
CHECKS, CLIENT, CHECKOUT = (
    "tenants/gateway/checks.py",
    "tenants/gateway/client.py",
    "src/portal/payments/checkout.py",
)
A, CLOCK = GATEWAY + "test_accounts.py::", PAYMENTS + "test_by_the_clock.py::"
W, HOSTILE = GATEWAY + "test_webhooks.py::", PAYMENTS + "test_hostile.py::"
R, PAGES, SAVED = (
    PAYMENTS + "test_reconciling.py::",
    PAYMENTS + "test_pages.py::",
    PAYMENTS + "test_saved.py::",
)
BUYING, ISSUE = BILLING + "test_buying.py::", INVOICES + "test_issue.py::"
THIN = A + "test_thin_events_alone_say_when_an_agency_can_be_paid_and_when_no_more"
DRIFT = R + "test_injected_drift_is_found_counted_and_mended_where_it_can_be"
BEGAN = CLOCK + "test_the_list_of_events_is_read_from_where_the_last_reading_began"
SCHEDULED = CLOCK + "test_reconciling_is_scheduled"
TAKES = (
    '                "INSERT INTO invoices_counter (series_id, prefix, last) VALUES (%s, %s, 1)"\n'
    '                " ON CONFLICT (series_id, prefix) DO UPDATE'
    ' SET last = invoices_counter.last + 1 RETURNING last",\n'
    "                [self.pk, prefix],\n"
)
NUMBER = INVOICES + "test_numbers.py::"
NO_GAP = NUMBER + "test_who_rolls_back_gives_the_number_to_the_next"
NO_DOUBLE = NUMBER + "test_who_comes_second_waits_for_the_number_of_the_first"
UPGRADE = BUYING + "test_an_upgrade_shows_its_price_charges_it_and_counts_at_once"
DOWNGRADE = BUYING + "test_a_downgrade_waits_for_the_end_of_what_is_paid_and_can_be_undone"
LOGS = HOSTILE + "test_neither_keys_nor_client_secrets_nor_bodies_reach_a_log"
RECEIPT = HOSTILE + "test_stripe_is_never_asked_to_mail_a_receipt"

ACCOUNT_DEFECTS = [
    defect(
        9, "thin events are not heard", ACCOUNTS, '@inbox.hears("v2.core.account", Endpoint.CONNECT)\n', "", THIN
    ),
    defect(
        9, "what stands in a thin event is believed", ACCOUNTS,
        '    _refresh_known(str(related.get("id", "")) if is_account else event.account)',
        '    found = ConnectAccount.objects.filter(stripe_account_id=related.get("id"))\n'
        "    with outside_agencies():\n"
        '        found.update(charges_enabled="active" in str(event.payload.get("data")))',
        A + "test_what_a_thin_event_says_beyond_its_name_is_not_believed", THIN,
    ),
    defect(
        9, "the context of a thin event is not read", "tenants/gateway/inbox.py",
        'event.get("account") or _last(event.get("context"))', 'event.get("account") or ""',
        A + "test_a_thin_event_of_an_unknown_account_waits_and_of_the_other_mode_is_ignored",
    ),
    defect(
        9, "back from onboarding nobody looks", "src/portal/payments/pages/console.py",
        "    if not _refreshed(request):\n", "    if False:\n",
        PAGES + "test_connecting_goes_from_nothing_to_active_in_few_clicks",
    ),
    defect(
        9, "accounts are not looked at daily", GATEWAY_JOBS,
        '"gateway.refresh_accounts", every_seconds=DAY, ', '"gateway.refresh_accounts", ',
        A + "test_every_account_is_looked_at_daily_and_one_that_cannot_be_read_stops_nobody",
    ),
    defect(
        9, "one account that cannot be read stops the others", ACCOUNTS,
        '            log.warning("account of agency %s: %s", account.agency_id, type(error).__name__)',
        "            raise RuntimeError from error",
        A + "test_every_account_is_looked_at_daily_and_one_that_cannot_be_read_stops_nobody",
    ),
    defect(
        9, "an account that was taken away takes new payments", "tenants/gateway/models.py",
        "self.charges_enabled and self.deauthorized_at is None", "self.charges_enabled",
        PAYMENTS + "test_checkout.py::test_without_an_account_or_after_it_was_taken_away_nothing_begins",
    ),
    defect(
        9, "that an account was taken away is not noted", ACCOUNTS,
        "        known.update(deauthorized_at=clock.now(), charges_enabled=False)", "        assert known is not None",
        PAGES + "test_a_taken_away_account_is_shown_and_can_be_connected_again",
    ),
    defect(
        9, "after it was taken away refunds are not booked", "src/portal/payments/stripe_account.py",
        "if account is None or not account.stripe_account_id:",
        "if account is None or not account.stripe_account_id or account.deauthorized_at:",
        HOSTILE + "test_after_the_account_was_taken_away_refunds_and_disputes_are_still_booked",
    ),
    defect(
        9, "a slow look takes back that an account was taken away", ACCOUNTS,
        "account.save(update_fields=COPIED)", "account.save()",
        A + "test_a_look_does_not_take_back_what_happened_while_stripe_was_asked",
    ),
    defect(
        9, "portal hosts are not registered, wallets do not show", JOBS, "        domains.register()\n", "",
        CLOCK + "test_the_portals_host_is_made_known_once_so_that_wallets_show",
    ),
]  # fmt: skip

RECONCILIATION_DEFECTS = [
    defect(
        10, "open payments are not looked at every ten minutes", JOBS,
        '"payments.reconcile", every_seconds=600', '"payments.reconcile", every_seconds=86_400', SCHEDULED,
    ),
    defect(
        10, "the list of events is not read nightly", GATEWAY_JOBS,
        '"gateway.catch_up", every_seconds=DAY, ', '"gateway.catch_up", ', SCHEDULED,
    ),
    defect(
        10, "the cursor is not stored", CATCHING_UP,
        "    EventCursor.objects.update_or_create(account=account, defaults=", "    dict(", BEGAN,
        R + "test_events_that_never_arrived_are_read_from_stripes_list_once",
    ),
    defect(
        10, "the cursor is stored before the list was read", CATCHING_UP,
        "    lost = sum(inbox",
        '    EventCursor.objects.update_or_create(account=account, defaults={"read_until": began})\n'
        "    lost = sum(inbox",
        R + "test_a_reading_that_breaks_off_begins_again_where_it_began",
    ),
    defect(
        10, "the cursor is not read from", CATCHING_UP,
        "since = cursor.read_until - OVERLAP if cursor else began - FIRST_READ", "since = began - FIRST_READ", BEGAN,
    ),
    defect(
        10, "listed events do not name their account", CATCHING_UP,
        'event.to_dict(for_json=True) | ({"account": account} if account else {})',
        "event.to_dict(for_json=True)",
        CLOCK + "test_listed_events_find_their_agency_also_when_they_do_not_name_it",
    ),
    defect(
        10, "drift is not looked for", RECONCILING, "    if _net(payment) == _net_at_stripe(intent):", "    if True:",
        DRIFT,
    ),
    defect(10, "what Stripe does not have at all is no drift", RECONCILING, ") + _too_much(paid)", ")", DRIFT),
    defect(
        10, "drift is no metric", RECONCILING, "ours.update(drift=drift, compared_at", "ours.update(compared_at", DRIFT
    ),
    defect(
        10, "drift is no alarm", "tenants/operators/alerts.py",
        "if drifting := ConnectAccount.objects.filter(drift__gt=0).count():", "if drifting := 0:",
        OPERATORS + "test_events.py::test_failed_events_and_drift_are_alarms",
    ),
]  # fmt: skip

NUMBER_DEFECTS = [
    defect(
        11, "numbers from a Postgres sequence", NUMBERS,
        TAKES,
        "                \"SELECT nextval('invoices_counter_id_seq'), %s, %s\", [self.pk, prefix],\n",
        NO_GAP,
    ),
    defect(
        11, "no lock on the counter", NUMBERS,
        TAKES,
        '                "SELECT count(*) + 1 FROM invoices_invoice WHERE number IS NOT NULL",\n', NO_DOUBLE,
    ),
    defect(
        11, "credit notes take invoices' numbers", "src/modules/invoices/operations/ending.py",
        "Series.of(Series.Kind.CREDIT_NOTE)", "Series.of(Series.Kind.INVOICE)",
        INVOICES + "test_money.py::test_a_paid_invoice_is_credited_not_voided",
    ),
    defect(
        11, "issuing again takes another number", "src/modules/invoices/operations/issuing.py",
        "    if held.state not in INSIDE:\n        return held\n    moment", "    moment",
        ISSUE + "test_issuing_twice_is_one_number",
    ),
    dropped(
        11, "an issued invoice may be deleted", "DROP TRIGGER issued_invoice_is_not_deleted ON invoices_invoice",
        ISSUE + "test_the_database_refuses_to_delete_what_has_a_number", in_agencies=True,
    ),
    dropped(
        11, "an issued invoice may be changed", "DROP TRIGGER issued_invoice_stays ON invoices_invoice",
        ISSUE + "test_the_database_refuses_every_change_of_what_is_issued", in_agencies=True,
    ),
]  # fmt: skip

PLAN_DEFECTS = [
    defect(
        12, "an upgrade without proration", CHANGING,
        '"always_invoice",\n        "proration_date": at,\n', '"none",\n', UPGRADE,
    ),
    defect(
        12, "two clicks on an upgrade have two keys", CHANGING,
        'f"upgrade:{row.stripe_subscription_id}', 'f"upgrade:{clock.now()}:{row.stripe_subscription_id}',
        BILLING + "test_keys.py::test_the_key_of_an_upgrade_is_made_of_what_is_bought_and_shown",
    ),
    defect(
        12, "downgrade at once", CHANGING,
        "plan_ahead(row, plan, interval)", "reprice(row, plan)", DOWNGRADE,
    ),
    defect(
        12, "what exceeds the lower plan is not shown", "src/portal/plan/usage.py",
        "if meter.most is not None and meter.used > meter.most", "if False",
        "tests/portal/plan/test_pages.py::test_what_exceeds_a_lower_plan_is_listed_and_nothing_goes",
    ),
]  # fmt: skip

CARD_DEFECTS = [
    defect(
        13, "autopay as if the client were there", "src/portal/payments/charging.py",
        '"off_session": True', '"off_session": False', SAVED + "test_it_is_charged_without_the_client_there",
    ),
    defect(
        13, "why a charge failed is not kept", "src/portal/payments/truth.py",
        'return str(error.get("decline_code") or error.get("code") or "")[:300]', 'return ""',
        SAVED + "test_a_refusal_is_told_to_the_module_once_with_its_reason",
    ),
    defect(
        13, "who has to confirm a payment is not mailed", "src/modules/invoices/operations/payable.py",
        "            emails.tell_failed(row, payment.client, payment.reason)\n", "            pass\n",
        INVOICES + "test_card_money.py::test_a_payment_that_failed_is_told_to_who_tried_once",
    ),
    defect(
        13, "a removed card is charged", "src/portal/payments/queries.py",
        "filter(removed_at=None, **whose)", "filter(**whose)",
        SAVED + "test_a_removed_card_is_never_charged_again",
    ),
]  # fmt: skip

SECRET_DEFECTS = [
    defect(
        14, "a live key goes to another API base", CHECKS, 'if base and "_live_" in key:', "if False:",
        W + "test_a_live_key_never_goes_to_another_base_and_a_simulator_never_into_production",
    ),
    defect(
        14, "a restricted live key goes to another API base", CHECKS,
        '"_live_" in key', 'key.startswith("sk_live_")',
        W + "test_a_live_key_never_goes_to_another_base_and_a_simulator_never_into_production",
    ),
    defect(
        14, "a restricted live key is taken for a test key", CLIENT,
        'return "_live_" in settings.STRIPE_SECRET_KEY', 'return settings.STRIPE_SECRET_KEY.startswith("sk_live_")',
        W + "test_an_event_of_the_other_mode_is_not_ours",
    ),
    defect(
        14, "the simulator may be used in production", CHECKS,
        'if base and not is_demo and "pytest" not in sys.modules:', "if False:",
        W + "test_a_program_that_would_pay_at_a_simulator_in_production_does_not_start",
    ),
    defect(
        14, "Stripe's library writes bodies to the log", "src/config/settings.py",
        '"stripe": {"level": "WARNING"}', '"stripe": {"level": "DEBUG"}', LOGS,
    ),
    defect(
        14, "webhooks write bodies to the log", "tenants/gateway/webhooks.py",
        "    try:\n        inbox.store(",
        '    __import__("logging").getLogger(__name__).info("%s", request.body)\n    try:\n        inbox.store(', LOGS,
    ),
    defect(
        14, "the secret key is on the page", "src/portal/payments/pages/client.py",
        '"key": settings.STRIPE_PUBLISHABLE_KEY', '"key": settings.STRIPE_SECRET_KEY',
        PAGES + "test_the_page_embeds_checkout_with_the_agencys_account_and_the_right_policy",
    ),
]  # fmt: skip

PAPER_DEFECTS = [
    defect(
        15, "Stripe mails a receipt of its own", CHECKOUT,
        '{"metadata": metadata, "description": payment.label}',
        '{"metadata": metadata, "description": payment.label, "receipt_email": "maria@client.example"}', RECEIPT,
    ),
    defect(
        15, "Stripe mails a receipt of a charge without the client", "src/portal/payments/charging.py",
        '"off_session": True,', '"off_session": True, "receipt_email": "maria@client.example",', RECEIPT,
    ),
    defect(
        15, "the typesetter's name is in our papers", "src/portal/papers/xmp.py",
        "    packet = _MADE_BY.sub(lambda found: f\"{found[1]}{escape(creator)}{found[3]}\", packet)\n", "",
        PAPERS + "test_pdf.py::test_metadata_speak_of_the_agency_and_nobody_else",
    ),
]  # fmt: skip

DEFECTS: list[Defect] = [
    *ACCOUNT_DEFECTS,
    *RECONCILIATION_DEFECTS,
    *NUMBER_DEFECTS,
    *PLAN_DEFECTS,
    *CARD_DEFECTS,
    *SECRET_DEFECTS,
    *PAPER_DEFECTS,
]
