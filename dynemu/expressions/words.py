"""Checks of the words of an expression, in the order of the text: reserved words, functions, list indexes."""

from collections.abc import Iterable

from dynemu.expressions.messages import MISUSED, expression_error
from dynemu.expressions.reserved import RESERVED_WORDS
from dynemu.expressions.tree import Assignment, Call, Comparison, PathTerm, Sum, Term

PREDICATES = frozenset(
    ("attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains")
)
CONDITION_FUNCTIONS = PREDICATES | {"size"}
UPDATE_FUNCTIONS = frozenset(("if_not_exists", "list_append"))
LAST_INDEX = 2**31 - 1


class WordChecker:
    """Checks terms for one kind of expression; every method raises ValidationException at a bad word."""

    def __init__(self, member: str) -> None:
        self.member = member
        self.in_update = member == "UpdateExpression"

    def check_condition(self, leaves: Iterable[Comparison | Call]) -> None:
        for leaf in leaves:
            if isinstance(leaf, Call):
                self.check_call(leaf, stands_alone=True)
            else:
                for operand in leaf.operands:
                    self.check_operand(operand)

    def check_update(self, actions: Iterable[Assignment]) -> None:
        for action in actions:
            self.check_path(action.path)
            if isinstance(action.operand, Call):
                self.check_call(action.operand, stands_alone=True)
            elif action.operand is not None:
                self.check_operand(action.operand)

    def check_operand(self, term: Term) -> None:
        if isinstance(term, PathTerm):
            self.check_path(term)
        elif isinstance(term, Call):
            self.check_call(term, stands_alone=False)
        elif isinstance(term, Sum):
            self.check_operand(term.left)
            self.check_operand(term.right)

    def check_call(self, call: Call, *, stands_alone: bool) -> None:
        function = call.function
        if function not in CONDITION_FUNCTIONS and function not in UPDATE_FUNCTIONS:
            raise expression_error(self.member, f"Invalid function name; function: {function}")
        if (function in UPDATE_FUNCTIONS) != self.in_update:
            kind = "an update" if self.in_update else "a condition"
            raise expression_error(
                self.member, f"The function is not allowed in {kind} expression; function: {function}"
            )
        if not self.fits(function, stands_alone):
            raise expression_error(self.member, MISUSED + function)
        for operand in call.operands:
            self.check_operand(operand)

    def fits(self, function: str, stands_alone: bool) -> bool:
        """Tell whether *function* may be where it is: on its own, or as an operand."""
        if self.in_update:
            return stands_alone or function != "list_append"
        return stands_alone == (function in PREDICATES)

    def check_path(self, path: PathTerm) -> None:
        for part in path.parts:
            if isinstance(part, int):
                if part > LAST_INDEX:
                    raise expression_error(
                        self.member, f"List index is not within the allowable range; index: [{part}]"
                    )
            elif part.upper() in RESERVED_WORDS:
                raise expression_error(
                    self.member, f"Attribute name is a reserved keyword; reserved keyword: {part}"
                )
