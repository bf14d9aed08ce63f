from portal.module import Module
from tenants.plans import Plan

module = Module(key="projects", name="Projects", icon="projects", order=20, plan=Plan.STARTER)
