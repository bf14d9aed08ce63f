"""Plan and billing: where owners choose and change what the agency pays us, and see what they use of it.

What was bought and how it changes lives in `tenants.billing`; these pages ask it and say it in plain words.
"""
