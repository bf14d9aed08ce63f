from portal.module import Module
from tenants.plans import Plan

module = Module(key="deliverables", name="Deliverables", icon="deliverables", order=30, plan=Plan.STARTER)
