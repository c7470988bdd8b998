"""What users wrote: taken in, listed, searched, triaged."""

from app.services.feedback.fields import Submission
from app.services.feedback.submissions import submit

__all__ = ["Submission", "submit"]
