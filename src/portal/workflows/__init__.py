"""Workflows: what happens by itself. A trigger starts one run per client; conditions narrow it; steps act.

Nouns: Workflow (a name, on or off, a draft), WorkflowVersion (frozen; runs that are under way keep theirs), Run (one
client, one event), StepLog (what one step of a run did), Delivery (a message to another system).

Triggers and actions are declared by the parts that own them (`Module.triggers`, `Module.actions`); here are the mail,
the webhook, waiting and branching. Every step is its own job and one transaction: its effect, its log and the job of
the next step exist together or not at all, so a worker that dies repeats nothing and loses nothing. Facts that a step
brings about carry the chain of workflows behind them (`tenants.jobs.middleware.carried`).

Every plan has workflows; messages to other systems start where the API's volume does, on Scale.
"""
