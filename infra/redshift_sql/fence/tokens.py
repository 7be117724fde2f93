"""What the words and signs of a statement tell, before any grammar: operators, types and forms that Redshift lacks.

Used by `checks`. sqlglot reads some of them as something else without a word, such as `==` or a comma too many.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.tokens import Token, TokenType

from ..grammar import Warehouse, tokens_of
from .functions import unavailable
from .words import ELSEWHERE, OPERATORS_MISSING, PATTERNS_MISSING, TYPES, words

_TYPE_TOKENS = Warehouse.Parser.TYPE_TOKENS
_TEXTS = (TokenType.STRING, TokenType.IDENTIFIER)
_AFTER_A_LIST = words("from where group having order limit union except intersect )")


@dataclass(frozen=True, order=True)
class Difference:
    """What a statement has and Redshift or the laptop has not; `start` is its place in the text, from 0."""

    start: int
    reason: str
    is_error: bool = True


class Text:
    """The tokens of a statement, searched for the word that stands nearest to a node."""

    def __init__(self, sql: str) -> None:
        self.tokens = tokens_of(sql)

    def has(self, word: str) -> bool:
        """Whether the word stands anywhere."""
        return any(token.text.lower() == word for token in self.tokens)

    def near(self, node: exp.Expr, word: str) -> Difference:
        """A syntax error at the word (or one of several) nearest to the node, or at the node's own first word."""
        start = start_of(node)
        places = [token for token in self.tokens if first_word(token).lower() in word.split()]
        return at(min(places or self.tokens, key=lambda token: abs(token.start - start)))

    def is_joined(self, table: exp.Expr) -> bool:
        """Whether JOIN stands before a table, or a query in its place, and no comma."""
        first = self._first(table)
        return first > 0 and self.tokens[first - 1].text.lower() == "join"

    def after(self, table: exp.Expr) -> Difference:
        """A syntax error at what follows a table, or a query in its place, with its alias."""
        depth, last = 0, max((int(one.meta.get("end", -1)) for one in table.walk()), default=-1)
        for token in self.tokens[self._first(table) :]:
            depth += (token.token_type == TokenType.L_PAREN) - (token.token_type == TokenType.R_PAREN)
            closes_own = depth == 0 and token.token_type == TokenType.R_PAREN
            if token.start > last and depth <= 0 and not closes_own:
                return at(token)
        return Difference(start_of(table), "syntax error at end of input")

    def _first(self, table: exp.Expr) -> int:
        """The number of a table's first token; a query in its place begins with the bracket around it."""
        start = start_of(table)
        first = next((number for number, token in enumerate(self.tokens) if token.start >= start), 0)
        return self._bracket_before(first) if isinstance(table, exp.Subquery) else first

    def _bracket_before(self, number: int) -> int:
        """The nearest bracket before a token that is still open there."""
        depth = 0
        for place in range(number - 1, -1, -1):
            kind = self.tokens[place].token_type
            depth += (kind == TokenType.R_PAREN) - (kind == TokenType.L_PAREN)
            if depth < 0:
                return place
        return number

    def differences(self) -> Iterator[Difference]:
        """Whatever the tokens alone tell."""
        if self.tokens and self.tokens[0].token_type == TokenType.FROM:
            yield at(self.tokens[0])
        for index, token in enumerate(self.tokens):
            if token.token_type not in _TEXTS:
                following = self.tokens[index + 1 : index + 3]
                yield from _operator(token, following)
                yield from _form(token, following)
                if token.token_type == TokenType.DCOLON or _is_cast(self.tokens, index):
                    yield from _type(following)


def start_of(node: exp.Expr) -> int:
    """Where the first name or call inside a node stands; 0 when nothing of it has a place."""
    own = node.meta.get("start")
    if own is not None:
        return int(own)
    return min((int(one.meta["start"]) for one in node.walk() if "start" in one.meta), default=0)


def at(token: Token) -> Difference:
    """A syntax error at a token."""
    return Difference(token.start, f'syntax error at or near "{first_word(token)}"')


def first_word(token: Token) -> str:
    """What Redshift would read at a token: sqlglot reads `order by` as one, and writes it in capitals."""
    one = token.token_type in _TEXTS or " " not in token.text
    return token.text if one else token.text.split(" ")[0].lower()


def _operator(token: Token, following: list[Token]) -> Iterator[Difference]:
    word = token.text.lower()
    doubled = word == "*" and bool(following) and following[0].text == "*" and following[0].start == token.end + 1
    if word in OPERATORS_MISSING or doubled:
        yield Difference(token.start, f"operator does not exist: {'**' if doubled else word}")
    elif word in PATTERNS_MISSING and token.token_type != TokenType.VAR:
        yield at(token)


def _form(token: Token, following: list[Token]) -> Iterator[Difference]:
    word = token.text.lower()
    after = following[0] if following else None
    if token.token_type == TokenType.COMMA and (after is None or first_word(after).lower() in _AFTER_A_LIST):
        yield at(after or token)
    elif word == "limit" and len(following) == 2 and following[1].token_type == TokenType.COMMA:
        yield Difference(token.start, "LIMIT #,# syntax is not supported")
    elif word == "interval" and after is not None and after.token_type == TokenType.NUMBER:
        yield at(after)


def _is_cast(tokens: list[Token], index: int) -> bool:
    """Whether a token is the AS of a CAST."""
    if tokens[index].token_type != TokenType.ALIAS:
        return False
    depth = 0
    for place in range(index - 1, 0, -1):
        kind = tokens[place].token_type
        depth += (kind == TokenType.R_PAREN) - (kind == TokenType.L_PAREN)
        if depth < 0:
            return tokens[place - 1].text.lower() == "cast"
    return False


def _type(following: list[Token]) -> Iterator[Difference]:
    for token in following[:1]:
        word = first_word(token).lower()
        if word in ELSEWHERE:
            yield Difference(token.start, unavailable(f"type {word}"), is_error=False)
        elif word not in TYPES and (token.token_type in _TYPE_TOKENS or token.token_type == TokenType.VAR):
            yield Difference(token.start, f'type "{word}" does not exist')
