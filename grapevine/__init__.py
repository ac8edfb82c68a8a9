"""Grapevine: what the bot, the shortener and the workers share."""
