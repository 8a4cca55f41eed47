"""Tables of the guestbook."""

from django.db import models


class Entry(models.Model):
    name = models.CharField(max_length=80)
    message = models.CharField(max_length=280)
    created = models.DateTimeField(auto_now_add=True)
