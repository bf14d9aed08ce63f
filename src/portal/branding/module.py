"""What branding declares of itself: the plan rows of the specification."""

from portal.module import Module, Opens
from tenants.plans import Plan, PlanRow

module = Module(
    key="branding",
    name="Branding",
    icon="brand",
    order=0,
    capabilities={
        "full": Opens("Full branding", Plan.GROWTH),
        "domain": Opens("Custom domain", Plan.GROWTH),
    },
    plan_rows=[
        PlanRow("Custom domain", {Plan.GROWTH: "✓", Plan.SCALE: "✓"}, order=40),
        PlanRow(
            "Custom branding", {Plan.STARTER: "Partial", Plan.GROWTH: "Full", Plan.SCALE: "Full"}, order=50
        ),
    ],
)
