"""`frozen` against its reference, `dataclass(frozen=True)`: each law is asked of a class made by either."""

from __future__ import annotations

import copy
import inspect
import operator
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, asdict, astuple, dataclass, field, fields, is_dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xentcli.frozen import frozen

T = TypeVar("T")


class Plain:
    """What both classes are made of."""

    name: str
    size: int = 1
    parts: list[int] = field(default_factory=list, hash=False)
    note: str = field(default="", compare=False)
    hidden: int = field(default=3, repr=False, kw_only=True)
    made: int = field(default=7, init=False)
    kind: ClassVar[str] = "plain"


class WithPost:
    """Checks itself, and keeps what it computed."""

    low: int
    high: int = 9

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low > high")

    @cached_property
    def width(self) -> int:
        """Computed once."""
        return self.high - self.low


class WithOwn:
    """Has what the decorator would add."""

    a: int

    def __repr__(self) -> str:
        return "own"

    def __eq__(self, other: object) -> bool:
        return True

    def __init__(self, a: int) -> None:
        object.__setattr__(self, "a", -a)


class WithOwnHash:
    """Hashed by itself."""

    a: int

    def __hash__(self) -> int:
        return 5


class Single:
    """One field."""

    a: Any


class Empty:
    """No field."""


class Nested:
    """Holds others, itself perhaps."""

    inner: Any
    more: tuple[Any, ...] = ()


class Box(Generic[T]):
    """Of something."""

    value: T


class Inner:
    """Called as what the making of a method may need."""

    set: int
    missing: int = 1
    names: list[int] = field(default_factory=lambda: [2])
    cls: int = 3
    default: int = 4
    object: int = 5
    name: int = 6


class Undocumented:
    a: int
    b: str = "x"


class Twins(NamedTuple):
    ours: Any
    standard: Any


def twins(of: type[Any], **options: bool) -> Twins:
    """The class as either decorator makes it, under one name."""

    def copied() -> Any:
        left_out = ("__dict__", "__weakref__")
        body = {name: copy.copy(value) for name, value in vars(of).items() if name not in left_out}
        return type(of.__name__, of.__bases__, body)

    return Twins(frozen(**options)(copied()), dataclass(frozen=True, **options)(copied()))


PLAIN = twins(Plain, order=True)
ALL = [Plain, WithPost, WithOwn, WithOwnHash, Single, Empty, Nested, Box, Inner, Undocumented]


def outcome(action: Callable[[], Any]) -> Any:
    """What came of it, or the kind of error and its words."""
    try:
        return action()
    except Exception as error:
        return type(error), str(error).replace("test_frozen.", "")


def both(twins: Twins, action: Callable[[Any], Any]) -> Any:
    ours, standard = (outcome(lambda cls=cls: action(cls)) for cls in twins)  # type: ignore[misc]
    assert ours == standard
    return ours


# The class


@pytest.mark.parametrize("of", ALL)
@pytest.mark.parametrize("options", [{}, {"eq": False}, {"kw_only": True}, {"order": True}])
def test_the_class_is_described_alike(of: type[Any], options: dict[str, bool]) -> None:
    pair = twins(of, **options)
    both(pair, is_dataclass)
    both(pair, lambda cls: [repr(one) for one in fields(cls)])
    both(pair, lambda cls: str(inspect.signature(cls)))
    both(pair, lambda cls: cls.__match_args__)
    both(pair, lambda cls: cls.__doc__)
    both(pair, lambda cls: cls.__init__.__annotations__)
    both(pair, lambda cls: cls.__hash__ is object.__hash__)
    both(pair, lambda cls: cls.__eq__ is object.__eq__)
    if "order" not in options:
        both(pair, lambda cls: {name for name in vars(cls) if name != "__dataclass_params__"})


def test_init_is_compiled_once_and_only_when_it_is_asked_for() -> None:
    ours = twins(Plain).ours
    assert not inspect.isfunction(vars(ours)["__init__"])
    ours("a")
    compiled = vars(ours)["__init__"]
    ours("b")
    assert inspect.isfunction(compiled)
    assert vars(ours)["__init__"] is compiled


def test_without_parentheses() -> None:
    @frozen
    class Point:
        x: int

    assert Point(1) == Point(1) != Point(2)


# Making

arguments = st.tuples(
    st.lists(st.integers(0, 3), max_size=6),
    st.dictionaries(st.sampled_from(["name", "size", "parts", "note", "hidden", "made", "other"]), st.integers()),
)


@given(arguments)
def test_the_same_arguments_make_the_same_or_are_refused_alike(
    arguments: tuple[list[int], dict[str, int]],
) -> None:
    positional, named = arguments
    both(PLAIN, lambda cls: vars(cls(*positional, **named)))


def test_no_name_of_a_field_is_taken() -> None:
    pair = twins(Inner, order=True)
    both(pair, lambda cls: (one := cls(0), vars(one), repr(one), hash(cls(0, names=())), one < cls(1))[1:])


def test_each_instance_has_its_own_default() -> None:
    assert both(PLAIN, lambda cls: cls("a").parts is cls("a").parts) is False


@given(st.integers(), st.integers())
def test_post_init_is_called(low: int, high: int) -> None:
    both(twins(WithPost), lambda cls: vars(cls(low, high)))


def test_cached_properties_are_kept() -> None:
    width = both(twins(WithPost), lambda cls: ((one := cls(2)).width, one.width, vars(one)))
    assert width == (7, 7, {"low": 2, "high": 9, "width": 7})


def test_generic_classes_are_made_with_their_argument() -> None:
    assert both(twins(Box), lambda cls: cls[int](3).value) == 3


# Not changing


@pytest.mark.parametrize("name", ["name", "parts", "made", "kind", "other", "__class__"])
def test_nothing_is_set_or_deleted(name: str) -> None:
    assert both(PLAIN, lambda cls: setattr(cls("a"), name, 1))[0] is FrozenInstanceError
    assert both(PLAIN, lambda cls: delattr(cls("a"), name))[0] is FrozenInstanceError


def heir(cls: Any) -> Any:
    return type("Heir", (cls,), {"__annotations__": {"more": "int"}, "__doc__": "More."})


@pytest.mark.parametrize("name", ["name", "parts", "more", "other"])
def test_a_heir_that_is_not_frozen_may_have_other_attributes(name: str) -> None:
    def changed(cls: Any) -> Any:
        one = heir(cls)("a")
        setattr(one, name, 1)
        value = getattr(one, name)
        delattr(one, name)
        return value, hasattr(one, name)

    both(PLAIN, changed)


# Comparing

values = st.one_of(st.integers(-1, 1), st.sampled_from(["a", "b", None, 0.0, -0.0, 1.0, True, (), (1,)]))
plain = st.fixed_dictionaries(
    {"name": st.sampled_from("ab")},
    optional={
        "size": st.integers(0, 1),
        "parts": st.lists(st.integers(0, 1), max_size=1),
        "note": st.sampled_from("xy"),
        "hidden": st.integers(0, 1),
    },
)
COMPARISONS = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]


@given(plain, plain)
def test_instances_compare_by_their_fields(first: dict[str, Any], second: dict[str, Any]) -> None:
    for compare in COMPARISONS:
        both(PLAIN, lambda cls, compare=compare: compare(cls(**first), cls(**second)))  # type: ignore[misc]


@pytest.mark.parametrize("compare", COMPARISONS)
def test_instances_of_other_classes_do_not_compare(compare: Callable[[Any, Any], Any]) -> None:
    both(PLAIN, lambda cls: compare(cls("a"), heir(cls)("a")))
    both(PLAIN, lambda cls: compare(heir(cls)("a"), heir(cls)("a")))
    both(PLAIN, lambda cls: compare(cls("a"), ("a", 1, [], 3, 7)))
    both(twins(Single), lambda cls: compare(cls(1), cls(1)))


@given(values, values)
def test_one_field_compares_as_several_do(first: Any, second: Any) -> None:
    pair = twins(Single)
    both(pair, lambda cls: cls(first) == cls(second))
    both(pair, lambda cls: hash(cls(first)))


@given(plain)
def test_the_hash_is_that_of_the_fields(chosen: dict[str, Any]) -> None:
    both(PLAIN, lambda cls: hash(cls(**chosen)))


def test_what_holds_the_unhashable_has_no_hash() -> None:
    assert both(twins(Single), lambda cls: hash(cls([])))[0] is TypeError


def test_without_fields_all_are_equal() -> None:
    assert both(twins(Empty), lambda cls: (cls() == cls(), hash(cls()), repr(cls()))) == (
        True,
        hash(()),
        "Empty()",
    )


def test_without_eq_identity_decides() -> None:
    pair = twins(Single, eq=False)
    assert both(pair, lambda cls: cls(1) == cls(1)) is False
    assert both(pair, lambda cls: (one := cls(1)) == one) is True
    assert both(pair, lambda cls: hash(one := cls([])) == object.__hash__(one)) is True


@pytest.mark.parametrize("options", [{}, {"eq": False}])
@pytest.mark.parametrize("of", [WithOwn, WithOwnHash])
def test_methods_of_the_class_itself_stay(of: type[Any], options: dict[str, bool]) -> None:
    pair = twins(of, **options)
    for name in ("__init__", "__repr__", "__eq__", "__hash__"):
        both(pair, lambda cls, name=name: getattr(cls, name) is getattr(of, name))  # type: ignore[misc]
    both(pair, lambda cls: (cls(1).a, cls(1) == cls(2)))


def test_no_hash_stays_no_hash() -> None:
    class Arrays:
        """Equal by content, which may change."""

        a: int
        __hash__ = None  # type: ignore[assignment]

    for options in ({}, {"eq": False}):
        assert both(twins(Arrays, **options), lambda cls: hash(cls(1)))[0] is TypeError


# Shown, copied, taken apart


@given(plain)
def test_shown_copied_and_taken_apart_alike(chosen: dict[str, Any]) -> None:
    both(PLAIN, lambda cls: repr(cls(**chosen)))
    both(PLAIN, lambda cls: asdict(cls(**chosen)))
    both(PLAIN, lambda cls: astuple(cls(**chosen)))
    both(PLAIN, lambda cls: vars(copy.copy(cls(**chosen))))
    both(PLAIN, lambda cls: copy.deepcopy(cls(**chosen)) == cls(**chosen))
    both(PLAIN, lambda cls: vars(replace(cls("c"), **chosen)))


def test_fields_set_by_no_argument_cannot_be_replaced() -> None:
    refused = (ValueError, TypeError)  # the latter from Python 3.13
    assert both(PLAIN, lambda cls: replace(cls("a"), made=1))[0] in refused
    assert both(PLAIN, lambda cls: replace(cls("a"), other=1))[0] is TypeError


def test_what_holds_itself_is_shown() -> None:
    def shown(cls: Any) -> str:
        ring: list[Any] = []
        ring.append(cls(ring))
        return repr(ring[0])

    assert both(twins(Nested), shown) == "Nested(inner=[...], more=())"


def test_matches_by_place() -> None:
    def matched(cls: Any) -> Any:
        match cls("a", 2):
            case cls(name, size):
                return name, size

    assert both(PLAIN, matched) == ("a", 2)


# Of a base


@frozen
class Base:
    """Of both kinds of heirs."""

    a: int
    b: int = 2


@frozen(eq=False)
class ByIdentity(Base):
    """Compares by what its base compares."""

    c: int = 3


@frozen
class Heir(Base):
    """Compares by all."""

    b: int = 5
    c: list[int] = field(default_factory=list)

    def doubled(self) -> Base:
        """Calls the base."""
        return Base(self.a * 2, self.b)


class Calling(Base):
    """Calls the base's `__init__`, perhaps the first to do so."""

    def __init__(self, a: int) -> None:
        super().__init__(a + 1)


def standard(cls: Any, base: Any, **options: bool) -> Any:
    body = {name: value for name, value in vars(cls).items() if name in ("__annotations__", "__doc__", "b", "c")}
    return dataclass(frozen=True, **options)(type(cls.__name__, (base,), body))


def test_heirs_have_the_fields_of_their_base() -> None:
    base = standard(Base, object)
    heirs = Twins(Heir, dataclass(frozen=True)(type("Heir", (base,), {"b": 5, "__annotations__": {"b": "int"}})))
    assert both(heirs, lambda cls: (cls(1) == cls(1), cls(1) == cls(2), cls(1).b)) == (True, False, 5)
    assert repr(Heir(1)) == "Heir(a=1, b=5, c=[])"
    assert Heir(1).doubled() == Base(2, 5)
    assert Calling(1).a == 2
    assert both(heirs, lambda cls: setattr(cls(1), "a", 1))[0] is FrozenInstanceError


def test_a_heir_without_eq_compares_as_its_base() -> None:
    pair = Twins(ByIdentity, standard(ByIdentity, standard(Base, object), eq=False))
    assert both(pair, lambda cls: (cls(1, c=1) == cls(1, c=2), hash(cls(1, c=1)) == hash((1, 2)))) == (True, True)


@pytest.mark.parametrize("one", [Base(1), ByIdentity(1, 2, 4), Heir(1, 2, [3]), Calling(3)])
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickled_it_is_the_same(one: Any, protocol: int) -> None:
    back = pickle.loads(pickle.dumps(one, protocol))
    assert type(back) is type(one)
    assert vars(back) == vars(one)
    with pytest.raises(FrozenInstanceError):
        back.a = 2
