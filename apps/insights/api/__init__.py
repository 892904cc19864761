"""HTTP doorways of the lead: figures and the audit desk."""
