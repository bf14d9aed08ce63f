"""Entitlements: who may use what, since when, until when and why. Modules ask here; none keeps its own list.

One row is one reason. What it opens is a key, `module.noun:id` (`courses.course:12`); who gave it is a source of the
same shape (`subscriptions.subscription:7`, `portal.hand:…`). Two reasons for the same key are two rows: it closes when
the last one ends. A company's row opens for all of its people.

A module whose things can be opened (courses, communities …) does three things:

1. In AppConfig.ready it says what its keys name, so that staff and offers choose it by its title:
   `things.openable("courses.course", label="Course", titles=titles)`, where `titles()` maps each id to its title.
2. Its pages ask `queries.access_to(client, key)`: NONE (404 or the offer), LIMITED (what was begun may be read,
   nothing new opens: a payment is a week late) or FULL; a list asks `queries.open_keys(client, kind="courses.course")`.
   `queries.opened_since(client, key)` is the moment from which drip content counts; time spent paused is left out.
3. It hears the facts `entitlements.granted` and `entitlements.lost` (key, company_id or client_id), which are told
   when something opens for an owner for the first reason and closes with the last, never for a second reason.

A module that gives or takes calls `operations.grant/revoke/pause/resume/limit/lift_limit` with its own source; each
may be called any number of times. `things.given_by("subscriptions.subscription", view="subscriptions:show")` lets
staff click from the entitlement to its reason. Prices, checkouts and payments are not here.
"""
