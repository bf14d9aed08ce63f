"""Addresses under /invoices/. Actions are nouns: `POST …/issue/` gives the number."""

from django.urls import path

from modules.invoices.pages import acts, books, client, console, export, files, settings, statements, totals

client_urls = [
    path("", client.index, name="index"),
    path("statement/", statements.of_client, name="statement"),
    path("details/", client.details, name="details"),
    path("<int:pk>/", client.show, name="show"),
    path("<int:pk>/payments/", client.pay, name="pay"),
    path("<int:pk>/transfers/", client.transfer, name="transfer"),
    path("<int:pk>/transfers/<int:report>/proof/", files.client_proof, name="proof"),
    path("<int:pk>/pdf/", client.paper, name="pdf"),
    path("<int:pk>/receipt/", client.receipt, name="receipt"),
    path("<int:pk>/credit-notes/<int:note>/", client.credit_note, name="credit-note"),
]

console_urls = [
    path("", console.index, name="index"),
    path("new/", console.new, name="new"),
    path("totals/", totals.totals, name="totals"),
    path("statements/<str:whose>/", statements.of_owner, name="owner-statement"),
    path("export/", export.export, name="export"),
    path("books/", books.books, name="books"),
    path("books/file/", books.export, name="books-file"),
    path("settings/", settings.settings, name="settings"),
    path("settings/rates/", settings.add_rate, name="add-rate"),
    path("settings/rates/<int:pk>/deletion/", settings.remove_rate, name="remove-rate"),
    path("settings/numbers/", settings.prefix, name="prefix"),
    path("transfers/<int:report>/proof/", files.staff_proof, name="proof"),
    path("transfers/<int:report>/confirmation/", acts.confirm, name="confirm"),
    path("transfers/<int:report>/refusal/", acts.refuse, name="refuse"),
    path("<int:pk>/", console.show, name="show"),
    path("<int:pk>/edit/", console.edit, name="edit"),
    path("<int:pk>/buyer/", settings.buyer, name="buyer"),
    path("<int:pk>/pdf/", console.paper, name="pdf"),
    path("<int:pk>/credit-notes/<int:note>/", console.credit_note, name="credit-note"),
    path("<int:pk>/copy/", console.copy, name="copy"),
    path("<int:pk>/deletion/", console.delete, name="delete"),
    path("<int:pk>/issue/", acts.issue, name="issue"),
    path("<int:pk>/schedule/", acts.schedule, name="schedule"),
    path("<int:pk>/schedule/deletion/", acts.unschedule, name="unschedule"),
    path("<int:pk>/plan/", acts.plan, name="plan"),
    path("<int:pk>/plan/deletion/", acts.unplan, name="unplan"),
    path("<int:pk>/void/", acts.void, name="void"),
    path("<int:pk>/credit/", acts.credit, name="credit"),
    path("<int:pk>/write-off/", acts.write_off, name="write-off"),
    path("<int:pk>/booking/", acts.book, name="book"),
    path("<int:pk>/late-fee/", acts.add_fee, name="add-fee"),
    path("<int:pk>/late-fee/waiver/", acts.waive_fee, name="waive-fee"),
    path("<int:pk>/reminder/", acts.remind, name="remind"),
    path("<int:pk>/reminders/", acts.mute, name="mute"),
]
