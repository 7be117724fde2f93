"""In whose language, currency and time zone things are written: what CLDR says of it, and who has chosen which."""
