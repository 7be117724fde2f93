"""The words of a statement, one after the other, for statements sqlglot does not read.

Used by `users`, `grants`, `copy_from` and `unload`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlglot import exp
from sqlglot.tokens import TokenType

from .errors import syntax_error
from .grammar import tokens_of

Values = Mapping[str, tuple[str, Callable[["TokenStream"], Any]]]
"""Options with a value, by their word: the member of the options that they set, and what reads the value."""
Flags = Mapping[str, tuple[str, Any]]
"""Options without one: the member, and what it becomes."""

_TEXTS = (TokenType.STRING, TokenType.HEREDOC_STRING)


class TokenStream:
    """The words of a statement, taken one after the other."""

    def __init__(self, sql: str) -> None:
        self._tokens = tokens_of(sql)
        self._index = 0

    def take(self, *words: str) -> bool:
        """Pass over these words if they come next."""
        following = [token.text.upper() for token in self._tokens[self._index : self._index + len(words)]]
        if following != list(words):
            return False
        self._index += len(words)
        return True

    def need(self, *words: str) -> None:
        """Pass over these words. Raises SyntaxFailed when something else comes."""
        if not self.take(*words):
            raise syntax_error(self._near())

    def name(self) -> str:
        """The next word as a folded name."""
        return self.word().lower()

    def word(self) -> str:
        """The next word or literal as written. Raises SyntaxFailed at the end."""
        if self.at_end():
            raise syntax_error("end of input")
        self._index += 1
        return self._tokens[self._index - 1].text

    def names(self) -> list[str]:
        """Names separated by commas."""
        found = [self.name()]
        while self.take(","):
            found.append(self.name())
        return found

    def path(self) -> list[str]:
        """Folded names with dots between them: `dev.public.trips`."""
        parts = [self.name()]
        while self.take("."):
            parts.append(self.name())
        return parts

    def tables(self) -> list[exp.Table]:
        """Table names separated by commas, each with a schema or without."""
        found = [self._table()]
        while self.take(","):
            found.append(self._table())
        return found

    def _table(self) -> exp.Table:
        parts = self.path()
        return exp.table_(parts[-1], db=parts[-2] if len(parts) > 1 else None)

    def read_option(self, word: str, options: object, values: Values, flags: Flags) -> bool:
        """Set a member of `options` by an option whose word was just read. False when it is none of these."""
        if word in values:
            member, read = values[word]
            self.take("AS")
            setattr(options, member, read(self))
        elif word in flags:
            setattr(options, *flags[word])
        return word in values or word in flags

    def is_text(self) -> bool:
        """Whether a string literal comes next, in quotes or between dollars."""
        return not self.at_end() and self._tokens[self._index].token_type in _TEXTS

    def at_end(self) -> bool:
        """Whether nothing comes next."""
        return self._index >= len(self._tokens)

    def need_end(self) -> None:
        """Raises SyntaxFailed when something follows."""
        if not self.at_end():
            raise syntax_error(self._near())

    def _near(self) -> str:
        return "end of input" if self.at_end() else self._tokens[self._index].text
