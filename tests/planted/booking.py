"""Rules 4–8: the ledger, idempotency keys, amounts, two tabs, delayed methods."""

from tests.planted.defect import GATEWAY, INVOICES, PAYMENTS, Defect, Edit, defect, dropped

SETTLING, TRUTH = "src/portal/payments/settling.py", "src/portal/payments/truth.py"
CHECKOUT, REFUNDING = "src/portal/payments/checkout.py", "src/portal/payments/refunding.py"
CHARGING, BOOKING, MONEY = (
    "src/portal/payments/charging.py",
    "src/portal/payments/booking.py",
    "src/kit/money.py",
)
S, C, RACES = PAYMENTS + "test_settling.py::", PAYMENTS + "test_checkout.py::", PAYMENTS + "test_races.py::"
BACK, SAVED, LEDGER = (
    PAYMENTS + "test_money_back.py::",
    PAYMENTS + "test_saved.py::",
    PAYMENTS + "test_ledger.py::",
)
KIT, HOSTILE = "tests/kit/test_money.py::", PAYMENTS + "test_hostile.py::"
ORDERS = S + "test_all_orders_of_six_looks_with_duplicates_end_in_the_same_state"
TWO_TABS = S + "test_two_tabs_that_both_paid_are_booked_and_flagged"
HUMAN = S + "test_one_cent_or_another_currency_waits_for_a_human"
SHORT = HOSTILE + "test_one_cent_short_is_told_to_staff_and_never_booked_as_paid"
OUR_ROW = C + "test_our_row_is_there_before_stripe_is_asked_and_its_uid_is_the_key"
THERE_AND_BACK = LEDGER + "test_yen_dinars_and_kronur_go_all_the_way_there_and_back"
LOCK = "    row = found.kind.lock(found.pk)\n"

LEDGER_DEFECTS = [
    Defect(
        4, "the row lock comes after the entries were read",
        (
            Edit(SETTLING, LOCK + "    locked", "    locked"),
            Edit(
                SETTLING, "    entries = recompute(found.kind, row, locked.payable)",
                "    entries = list(LedgerEntry.objects.filter(payable=locked.payable))\n" + LOCK
                + "    found.kind.recompute(row, entries)",
            ),
        ),
        (RACES + "test_payments_at_once_lose_no_sum",),
    ),
    Defect(
        4, "transfers are booked before the row is locked",
        (
            Edit(BOOKING, LOCK, ""),
            Edit(
                BOOKING, "    entries = recompute(found.kind, row, entry.payable)",
                "    entries = list(LedgerEntry.objects.filter(payable=entry.payable))\n" + LOCK
                + "    found.kind.recompute(row, entries)",
            ),
        ),
        (RACES + "test_transfers_at_once_lose_no_sum",),
    ),
    defect(
        4, "row lock removed from invoices", "src/modules/invoices/operations/payable.py",
        'Invoice.objects.select_for_update(of=("self",)).select_related', "Invoice.objects.select_related",
        INVOICES + "test_card_money.py::test_card_payments_at_once_are_all_counted",
    ),
    defect(
        4, "two refunds at once are each looked at alone", REFUNDING,
        "    found.kind.lock(found.pk)\n    left", "    left",
        RACES + "test_two_refunds_at_once_do_not_give_back_more_than_there_is",
    ),
    dropped(
        4, "unique (kind, ref) dropped from the ledger",
        "ALTER TABLE payments_ledgerentry DROP CONSTRAINT one_entry_per_movement",
        S + "test_a_movement_is_booked_once_whoever_tries", in_agencies=True,
    ),
    defect(
        4, "a movement that is there already is an error", SETTLING,
        "bulk_create(entries, ignore_conflicts=True)", "bulk_create(entries)", ORDERS,
    ),
    dropped(
        4, "the ledger may be changed", "DROP TRIGGER ledger_append_only ON payments_ledgerentry",
        S + "test_the_ledger_refuses_to_be_changed_deleted_or_emptied", in_agencies=True,
    ),
    dropped(
        4, "the ledger may be emptied", "DROP TRIGGER ledger_no_truncate ON payments_ledgerentry",
        S + "test_the_ledger_refuses_to_be_changed_deleted_or_emptied", in_agencies=True,
    ),
    defect(
        4, "an invoice counts its last entry only", "src/modules/invoices/operations/ledger.py",
        "for entry in ours)", "for entry in ours[-1:])",
        INVOICES + "test_money.py::test_staff_book_money_and_a_receipt_leaves",
    ),
    defect(
        4, "refunds are no rows", TRUTH, "(_charge(intent), *_refunds(intent), *", "(_charge(intent), *",
        BACK + "test_a_refund_is_a_negative_row_with_who_and_why",
    ),
    defect(
        4, "a refund is booked as money that came", TRUTH,
        'Movement(EntryKind.REFUND, refund["id"], -amount', 'Movement(EntryKind.REFUND, refund["id"], amount',
        BACK + "test_a_refund_is_a_negative_row_with_who_and_why",
    ),
    defect(
        4, "disputes are no rows", TRUTH, "*_refunds(intent), *_taken(disputes))", "*_refunds(intent))",
        BACK + "test_a_dispute_takes_the_money_and_a_won_one_brings_it_back",
        LEDGER + "test_the_whole_ledger_is_what_the_account_took_in",
    ),
    defect(
        4, "a won dispute is no row", TRUTH, 'if dispute["status"] == "won":', "if False:",
        BACK + "test_a_dispute_takes_the_money_and_a_won_one_brings_it_back",
    ),
    defect(
        4, "a failed refund is no row", TRUTH, 'if refund["status"] == _RETURNED:', "if False:",
        BACK + "test_a_refund_that_comes_back_is_booked_back_and_told_of",
    ),
    defect(
        4, "a kind of Stripe's may be booked by hand", BOOKING,
        "if entry.kind not in BY_HAND or entry.minor == 0:", "if entry.minor == 0:",
        S + "test_a_transfer_is_booked_once_and_only_hand_kinds_may_be_booked_by_hand",
    ),
]  # fmt: skip

KEY_DEFECTS = [
    defect(
        5, "no idempotency key at Checkout", CHECKOUT,
        'stripe_of_agency(f"checkout:{payment.uid}")', "stripe_of_agency()", OUR_ROW,
    ),
    defect(
        5, "the key is another one each time", CHECKOUT,
        'f"checkout:{payment.uid}"', 'f"checkout:{__import__(\'uuid\').uuid4()}"', OUR_ROW,
    ),
    defect(
        5, "Stripe is asked before our row is committed", CHECKOUT,
        "transaction.atomic(durable=True)", "transaction.atomic()", OUR_ROW,
    ),
    defect(
        5, "no idempotency key of a refund", REFUNDING,
        'stripe_of_agency(f"refund:{asked.uid}")', "stripe_of_agency()",
        BACK + "test_a_refund_whose_answer_is_lost_is_made_once",
    ),
    defect(
        5, "no idempotency key of an off-session charge", CHARGING,
        'stripe_of_agency(f"charge:{payment.uid}")', "stripe_of_agency()",
        SAVED + "test_it_is_charged_without_the_client_there",
    ),
    defect(
        5, "no idempotency key of an account", "tenants/gateway/accounts.py",
        ', {"idempotency_key": f"account:{account.uid}"})', ")",
        GATEWAY + "test_accounts.py::test_an_account_is_made_once_however_often_it_is_tried",
    ),
    defect(
        5, "all attempts at one thing share a key", CHECKOUT,
        'f"checkout:{payment.uid}"', 'f"checkout:{current_agency().id}:{payment.payable}"',
        OUR_ROW, C + "test_after_an_error_the_next_try_is_another_row_with_another_key",
    ),
    defect(
        5, "a charge whose answer was lost is made again", CHARGING,
        "        raise AlreadyUnderWay\n", "        pass\n",
        SAVED + "test_an_answer_that_is_lost_is_found_and_charged_once",
    ),
]  # fmt: skip

AMOUNT_DEFECTS = [
    defect(
        6, "no amount check", SETTLING,
        "return all(list(amount) == wanted for amount in amounts)", "return True", HUMAN, SHORT,
    ),
    defect(6, "the currency is not compared", SETTLING, "list(amount) == wanted", "amount[0] == wanted[0]", HUMAN),
    defect(
        6, "a cent less is good enough", SETTLING,
        "list(amount) == wanted", "abs(amount[0] - wanted[0]) <= 1 and amount[1] == wanted[1]", HUMAN, SHORT,
    ),
    defect(
        6, "only what was asked is compared, not what came", SETTLING,
        "for amount in (truth.asked, truth.received)", "for amount in (truth.asked,)", HUMAN,
    ),
    defect(
        6, "kronur are sent as they are", MONEY,
        '_PADDED_FOR_STRIPE = frozenset({"ISK", "UGX"})', '_PADDED_FOR_STRIPE = frozenset({"UGX"})',
        KIT + "test_kronur_and_shillings_go_to_stripe_with_two_zeros", THERE_AND_BACK,
    ),
    defect(
        6, "a currency without decimals is forgotten", MONEY, '"XOF", "XPF"]', '"XOF"]',
        KIT + "test_yen_and_its_like_go_to_stripe_as_they_are",
    ),
    defect(
        6, "dinars have two decimals", MONEY,
        '_THREE_DECIMALS = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])', "_THREE_DECIMALS = frozenset[str]()",
        KIT + "test_dinars_have_three_decimals_and_the_last_is_zero", THERE_AND_BACK,
    ),
    defect(
        6, "a third decimal that Stripe does not take is sent", MONEY,
        "if exponent(currency) == 3 and minor % 10:", "if False:",
        KIT + "test_dinars_have_three_decimals_and_the_last_is_zero",
        C + "test_amounts_that_no_card_takes_are_refused",
    ),
    defect(
        6, "what does not divide is lost", MONEY,
        "[sign * (share + rest), *([sign * share] * (n - 1))]", "[sign * share] * n",
        KIT + "test_parts_add_up_exactly_and_only_the_first_differs",
    ),
    defect(
        6, "12.345 is read as twelve thousand", MONEY,
        "            raise AmbiguousAmount(_which(whole, rest, digits))", '            return whole + rest, ""',
        KIT + "test_what_could_be_a_thousand_times_as_much_is_asked_about",
        PAYMENTS + "test_pages.py::test_staff_give_money_back_and_see_what_moved",
    ),
    defect(
        6, "a mismatch is nobody's concern", SETTLING,
        "        concerns.note_mismatch(locked, truth)\n", "", HUMAN, SHORT,
    ),
]  # fmt: skip

TAB_DEFECTS = [
    defect(
        7, "the older session is not expired", CHECKOUT,
        "    asked_politely(lambda: end_older(payment.payable))\n", "", C + "test_a_second_tab_ends_the_first",
    ),
    defect(
        7, "a new session although it has just been paid", CHECKOUT,
        "            raise JustPaid", "            continue", C + "test_a_second_tab_ends_the_first",
    ),
    defect(
        7, "paid too much, and nobody is told", SETTLING,
        "    concerns.note_excess(locked, found.kind.excess(row, entries))\n", "", TWO_TABS,
        C + "test_two_tabs_that_race_are_both_booked_and_flagged",
    ),
    defect(
        7, "what is paid after void is owed", "src/modules/invoices/models/standing.py",
        "owed = 0 if is_void else", "owed =",
        INVOICES + "test_card_money.py::test_what_is_paid_after_void_is_booked_and_flagged",
        INVOICES + "test_money.py::test_money_that_comes_after_void_is_kept_and_flagged",
    ),
]  # fmt: skip

DELAY_DEFECTS = [
    defect(
        8, "processing booked as paid", TRUTH,
        "        return Truth(PaymentState.PROCESSING, **common)",
        '        came = (intent["amount"], intent["currency"])\n'
        '        moved = Movement(EntryKind.CHARGE, intent["id"], intent["amount"], _moment(intent["created"]))\n'
        "        return Truth(PaymentState.SUCCEEDED, **common, received=came, movements=(moved,))",
        C + "test_a_bank_debit_is_on_its_way_until_the_bank_answers",
    ),
    defect(
        8, "completed is taken for paid", TRUTH,
        "        found = _of_intent(intent, is_over=session[\"status\"] == \"complete\")\n",
        "        found = _of_intent(intent, is_over=session[\"status\"] == \"complete\")\n"
        '        if session["status"] == "complete":\n'
        "            found = _with(found, state=PaymentState.SUCCEEDED)\n",
        C + "test_a_bank_debit_is_on_its_way_until_the_bank_answers",
    ),
    defect(
        8, "a debit that failed later stays on its way", SETTLING,
        "PaymentState.FAILED: 3,", "PaymentState.FAILED: 2,",
        C + "test_a_bank_debit_is_on_its_way_until_the_bank_answers",
        S + "test_a_delayed_method_is_processing_until_the_later_event",
    ),
    defect(
        8, "the module is not told of a payment that failed later", SETTLING,
        "        found.kind.failed(row, locked)\n", "        pass\n",
        S + "test_a_delayed_method_is_processing_until_the_later_event",
    ),
]  # fmt: skip

DEFECTS: list[Defect] = [*LEDGER_DEFECTS, *KEY_DEFECTS, *AMOUNT_DEFECTS, *TAB_DEFECTS, *DELAY_DEFECTS]
