"""A stand-in LinkedIn, as strict as the real one where that is known.

Two servers share one state: www.linkedin.com (prompt, tokens, feed, faults) and api.linkedin.com (posts, pictures,
profiles, counts). Mounted at ``/linkedin`` and ``/linkedin-api``, ``LINKEDIN_AUTH_URL`` and ``LINKEDIN_API_URL`` point
at them.
"""

from grapevine.playground.linkedin_api import create_app as create_api_app
from grapevine.playground.linkedin_auth import create_app as create_auth_app
from grapevine.playground.linkedin_state import MEMBERS, LinkedInStandIn

__all__ = ["MEMBERS", "LinkedInStandIn", "create_api_app", "create_auth_app"]
