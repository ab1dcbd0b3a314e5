"""The bot: who mentions it with a selfie gets the answer to it.

.. include:: README.md
"""
