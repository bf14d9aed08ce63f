"""Rules 1–3: the inbox, events as hints, whose an event is."""

from tests.planted.defect import GATEWAY, PAYMENTS, Defect, defect, dropped

WEBHOOKS, INBOX = "tenants/gateway/webhooks.py", "tenants/gateway/inbox.py"
SIGNATURES, SETTLING = "tenants/gateway/signatures.py", "src/portal/payments/settling.py"
TRUTH, EVENTS = "src/portal/payments/truth.py", "src/portal/payments/events.py"
CONCERNS = "src/portal/payments/concerns.py"
W, HOSTILE, S = (
    GATEWAY + "test_webhooks.py::",
    PAYMENTS + "test_hostile.py::",
    PAYMENTS + "test_settling.py::",
)
FORGED = W + "test_a_forged_body_is_refused_byte_by_byte"
OLD_SIGNATURE = W + "test_another_secret_or_an_old_signature_is_refused"
ROLLED = W + "test_two_secrets_are_valid_while_one_is_rolled_and_none_means_refuse"
THREE_TIMES = W + "test_the_same_event_three_times_is_one_row_and_one_job"
LATER = W + "test_a_signed_event_is_stored_acknowledged_and_worked_on_later"
TRIED_AGAIN = W + "test_a_failing_ear_is_tried_again_by_the_sweep_until_an_operator_is_needed"
ORDERS = S + "test_all_orders_of_six_looks_with_duplicates_end_in_the_same_state"
LIES = HOSTILE + "test_an_event_that_lies_under_a_good_signature_books_nothing"

INBOX_DEFECTS = [
    defect(
        1, "signature check off", WEBHOOKS,
        'if not is_signed(request.body, request.headers.get("Stripe-Signature", ""), secrets):', "if False:",
        FORGED, HOSTILE + "test_a_forged_event_is_refused_and_leaves_no_trace",
    ),
    defect(
        1, "signature checked on the parsed body, not the raw one", WEBHOOKS,
        "is_signed(request.body, request", "is_signed(json.dumps(json.loads(request.body)).encode(), request",
        FORGED,
    ),
    defect(
        1, "signatures of last week are good", SIGNATURES,
        "TOLERANCE_SECONDS = 300", "TOLERANCE_SECONDS = 604_800", OLD_SIGNATURE,
    ),
    defect(1, "no secret means no check", SIGNATURES, "return any(", "return not any(secrets) or any(", ROLLED),
    defect(
        1, "only one secret at a time", SIGNATURES, "for secret in secrets)", "for secret in secrets[:1])", ROLLED
    ),
    defect(
        1, "the platform's secret opens the Connect endpoint", WEBHOOKS,
        "Endpoint.CONNECT, settings.STRIPE_CONNECT_WEBHOOK_SECRETS",
        "Endpoint.CONNECT, settings.STRIPE_CONNECT_WEBHOOK_SECRETS + settings.STRIPE_WEBHOOK_SECRETS",
        OLD_SIGNATURE,
    ),
    defect(
        1, "ON CONFLICT removed from the inbox", INBOX,
        '" ON CONFLICT (event_id) DO NOTHING RETURNING id"', '" RETURNING id"', THREE_TIMES,
    ),
    dropped(
        1, "unique event_id dropped",
        "ALTER TABLE public.gateway_inboxevent DROP CONSTRAINT gateway_inboxevent_event_id_key", THREE_TIMES,
    ),
    defect(
        1, "the rule runs in the request", INBOX,
        "        if found:\n            apply_event.send(event_pk=found[0])",
        "        if found:\n            apply(found[0])", LATER,
    ),
    defect(
        1, "acknowledged, but no job", INBOX,
        "        if found:\n            apply_event.send(event_pk=found[0])", "", LATER,
    ),
    defect(
        1, "acknowledged although it could not be stored", WEBHOOKS,
        "    except ValueError:", '    except OSError:\n        return _said("received", 200)\n    except Exception:',
        W + "test_what_could_not_be_stored_is_not_acknowledged",
    ),
    defect(
        1, "an event whose worker died is forgotten", INBOX,
        "        for pk in found:\n            apply_event.send(event_pk=pk)\n    return len(found)",
        "    return len(found)",
        W + "test_the_sweep_takes_up_what_lost_its_job_and_nothing_that_is_new",
        PAYMENTS + "test_reconciling.py::test_kill_dash_nine_between_acknowledgement_and_booking_loses_nothing",
    ),
    defect(
        1, "done before it is booked", INBOX,
        "    event = _taken(event_pk)\n",
        "    event = _taken(event_pk)\n    InboxEvent.objects.filter(pk=event_pk).update(state=EventState.DONE)\n",
        PAYMENTS + "test_reconciling.py::test_kill_dash_nine_between_acknowledgement_and_booking_loses_nothing",
    ),
    defect(
        1, "an event that failed counts as done", INBOX,
        "state = EventState.FAILED if event.attempts >= MOST_TRIES else EventState.RECEIVED",
        "state = EventState.DONE", TRIED_AGAIN,
    ),
    defect(
        1, "an operator cannot try a failed event again", INBOX,
        "state__in=[EventState.FAILED, EventState.PARKED]", "state=EventState.PARKED", TRIED_AGAIN,
    ),
]  # fmt: skip

HINT_DEFECTS = [
    defect(
        2, "the event's payload is believed", EVENTS,
        '    _settle(Payment.objects.filter(session_id=session.get("id") or None).first() or _named(session))',
        '    is_paid = session.get("payment_status") == "paid"\n'
        '    paid = Payment.objects.filter(session_id=session.get("id"))\n'
        '    paid.update(state="succeeded" if is_paid else "open")', LIES,
    ),
    defect(
        2, "the return address is believed", "src/portal/payments/pages/client.py",
        "    try:\n        payment = settle(payment.uid)\n    except",
        "    try:\n        payment = settle(payment.uid)\n"
        '        if request.GET.get("redirect_status") == "succeeded":\n'
        "            payment.state = PaymentState.SUCCEEDED\n    except",
        PAYMENTS + "test_checkout.py::test_the_return_page_believes_stripe_and_not_its_address",
    ),
    defect(
        2, "an old look takes a payment back", SETTLING,
        "    if payment.entries.filter(kind=EntryKind.CHARGE).exists():\n        state = PaymentState.SUCCEEDED\n"
        "    if _RANK[PaymentState(state)] > _RANK[PaymentState(payment.state)]:",
        "    if state != payment.state:", ORDERS, S + "test_an_old_look_never_takes_a_payment_back",
    ),
    defect(
        2, "a refund that came back is seen only if it was seen before", TRUTH,
        '        found.append(Movement(EntryKind.REFUND, refund["id"], -amount, at, uid))\n',
        '        if refund["status"] != _RETURNED:\n'
        '            found.append(Movement(EntryKind.REFUND, refund["id"], -amount, at, uid))\n',
        PAYMENTS + "test_money_back.py::test_a_refund_that_had_failed_before_anybody_looked_is_two_rows_as_well",
    ),
    defect(
        2, "an old look opens a dispute again that is over", CONCERNS,
        "        known = note(Concern.Kind.DISPUTE,",
        "        known = Concern()\n        dispute.is_over or note(Concern.Kind.DISPUTE,",
        ORDERS,
    ),
    defect(
        2, "Stripe is asked inside the transaction", SETTLING,
        "def settle(payment_uid", "@transaction.atomic\ndef settle(payment_uid",
        S + "test_settling_asks_stripe_before_it_locks_anything",
    ),
    defect(
        2, "a lost event stays lost", "src/portal/payments/reconciling.py",
        "    if payment.session_id or payment.intent_id:\n        return settle(payment.uid)\n", "",
        PAYMENTS + "test_checkout.py::test_a_card_payment_is_booked_by_webhook_return_page_and_reconciliation_alike",
        PAYMENTS + "test_reconciling.py::test_only_payments_that_are_open_are_asked_about",
    ),
    defect(
        2, "a payment named on somebody's object is taken from that object", EVENTS,
        '    return Payment.objects.filter(uid=uid).first()',
        '    found = Payment.objects.filter(uid=uid)\n'
        '    found.filter(intent_id=None).update(session_id=None, intent_id=thing.get("payment_intent"))\n'
        "    return found.first()",
        HOSTILE + "test_another_session_of_our_account_that_names_a_payment_does_not_pay_it",
    ),
]  # fmt: skip

OWNER_DEFECTS = [
    defect(
        3, "agency taken from metadata", INBOX,
        '    found = ConnectAccount.objects.select_related("agency").filter(stripe_account_id=event.account).first()',
        '    named = (event.payload["data"]["object"].get("metadata") or {}).get("agency")\n'
        '    known = ConnectAccount.objects.select_related("agency")\n'
        "    found = known.filter(agency__slug=named).first()\n"
        "    found = found or known.filter(stripe_account_id=event.account).first()",
        W + "test_the_agency_comes_from_the_account_never_from_metadata",
    ),
    defect(
        3, "Stripe is asked without the agency's account", "src/portal/payments/stripe_account.py",
        'options: RequestOptions = {"stripe_account": account.stripe_account_id}', "options: RequestOptions = {}",
        PAYMENTS + "test_checkout.py::test_an_event_of_another_agencys_account_moves_nothing",
    ),
    defect(
        3, "events of an unknown account are thrown away", INBOX,
        'return EventState.PARKED, "no agency has this account"', 'return EventState.IGNORED, ""',
        W + "test_an_unknown_account_is_acknowledged_parked_and_taken_up_when_it_becomes_known",
    ),
    defect(
        3, "livemode not checked", INBOX, "if event.livemode != is_live():", "if False:",
        W + "test_an_event_of_the_other_mode_is_not_ours",
    ),
    dropped(
        3, "two agencies may have one account",
        "ALTER TABLE public.gateway_connectaccount DROP CONSTRAINT gateway_connectaccount_stripe_account_id_key",
        GATEWAY + "test_accounts.py::test_an_account_belongs_to_one_agency",
    ),
]  # fmt: skip

DEFECTS: list[Defect] = [*INBOX_DEFECTS, *HINT_DEFECTS, *OWNER_DEFECTS]
