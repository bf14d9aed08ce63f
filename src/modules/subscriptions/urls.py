"""Addresses under /subscriptions/. Actions are nouns: `POST …/cancellation/` makes one."""

from django.urls import path

from modules.subscriptions.pages import buying, changing, client, codes, console, offers

client_urls = [
    path("", client.index, name="index"),
    path("offers/<slug:slug>/", buying.offer, name="offer"),
    path("<int:pk>/", client.show, name="show"),
    path("<int:pk>/checkout/", buying.checkout, name="checkout"),
    path("<int:pk>/checkout/done/", buying.done, name="done"),
    path("<int:pk>/plans/", changing.plans, name="plans"),
    path("<int:pk>/plans/<int:offer_id>/", changing.plan, name="plan"),
    path("<int:pk>/pause/", changing.pause, name="pause"),
    path("<int:pk>/resumption/", changing.resume, name="resume"),
    path("<int:pk>/cancellation/", changing.cancel, name="cancel"),
    path("<int:pk>/cancellation/undo/", changing.undo, name="undo"),
    path("<int:pk>/payment/", buying.pay_late, name="pay-late"),
    path("<int:pk>/card/", buying.card, name="card"),
    path("<int:pk>/card/<int:step>/", buying.card_checkout, name="card-checkout"),
    path("<int:pk>/card/<int:step>/done/", buying.card_done, name="card-done"),
]

console_urls = [
    path("", console.index, name="index"),
    path("subscribers.csv", console.export, name="export"),
    path("<int:pk>/", console.show, name="show"),
    path("<int:pk>/cancellation/", console.cancel, name="cancel"),
    path("<int:pk>/cancellation/undo/", console.undo, name="undo"),
    path("<int:pk>/end/", console.cancel_now, name="cancel-now"),
    path("<int:pk>/pause/", console.pause, name="pause"),
    path("<int:pk>/resumption/", console.resume, name="resume"),
    path("<int:pk>/look/", console.look, name="look"),
    path("offers/", offers.index, name="offers"),
    path("offers/new/", offers.new, name="new-offer"),
    path("offers/<int:pk>/", offers.edit, name="offer"),
    path("offers/<int:pk>/archive/", offers.archive, name="archive-offer"),
    path("offers/<int:pk>/restoration/", offers.restore, name="restore-offer"),
    path("offers/<int:pk>/invitations/", codes.send, name="send-offer"),
    path("offers/<int:pk>/invitations/<int:invitation>/removal/", codes.take_back, name="take-back-offer"),
    path("offers/<int:pk>/price/", codes.move, name="move-price"),
    path("codes/", codes.index, name="codes"),
    path("codes/new/", codes.new, name="new-code"),
    path("codes/<int:pk>/", codes.edit, name="code"),
    path("codes/<int:pk>/end/", codes.archive, name="archive-code"),
]
