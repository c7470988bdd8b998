"""What users wrote: taken in, listed, searched, triaged."""

from app.services.feedback.submissions import Submission, submit

__all__ = ["Submission", "submit"]
