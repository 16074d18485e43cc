"""The classes of an input as a calibration calls them."""

from __future__ import annotations

from msgspec.structs import replace

from xentcli.columns.columns import OPTIONS, Columns
from xentcli.columns.labels import NO_CLASS, label_coder
from xentcli.errors import ContentError, RequestError, Where
from xentcli.results.calibration_map import CalibrationMap
from xentcli.wording import few, typed

_FEW = 10  # classes, to be typed one by one


def with_classes_of(calibration: CalibrationMap, columns: Columns, file: str) -> Columns:
    """The columns with the classes of a calibration, in the order of their scores.

    One column that does not say whose score it is counts as that of the positive class. Raises `ContentError`
    where the classes are others, with both lists.
    """
    if columns.predicted is not None or columns.targets is not None:
        raise RequestError("columns", "only scores of classes can be recalibrated", where=Where(file))
    coder = label_coder(calibration.classes, False)
    if columns.single:
        named = columns.classes or ((columns.positive,) if columns.positive is not None else ())
        place = [coder.index(name) for name in named if name is not None]
        if len(calibration.classes) != 2 or NO_CLASS in place:
            raise _other_classes(calibration, named or ("two classes",), file, _of_class(calibration, columns))
        positive = place[-1] if place else 1
        classes = (calibration.classes[1 - positive], calibration.classes[positive])
        return replace(columns, classes=classes, positive=classes[1])
    given = columns.classes or ()
    place = [coder.index(name) for name in given]
    if sorted(place) != [*range(len(calibration.classes))]:
        raise _other_classes(calibration, given, file, _meant(calibration, columns))
    return replace(columns, classes=tuple(calibration.classes[k] for k in place))


def _of_class(calibration: CalibrationMap, columns: Columns) -> str | None:
    """What says that one column is of a class of the calibration."""
    if calibration.positive is None:
        return None
    said = typed(OPTIONS[columns.kind], f"{calibration.positive}={columns.scores.names[0]}")
    return f"{said} says that it is of that class"


def _meant(calibration: CalibrationMap, columns: Columns) -> str | None:
    """What says which columns are of the classes, where their names end in them."""
    ends = [[name for name in columns.scores.names if name.endswith(each)] for each in calibration.classes]
    if {len(names) for names in ends} != {1} or len(columns.scores.names) != len(ends) or len(ends) > _FEW:
        return None
    pairs = zip(calibration.classes, ends, strict=True)
    return " ".join(typed(OPTIONS[columns.kind], f"{each}={name}") for each, (name,) in pairs)


def _other_classes(
    calibration: CalibrationMap, given: tuple[str | None, ...], file: str, hint: str | None = None
) -> ContentError:
    message = (
        f"its scores are of {few((each or '' for each in given), 20)}, "
        f"and the calibration is of {few(calibration.classes, 20)}"
    )
    hint = hint or "calibrate on predictions of the same classes"
    return ContentError("classes", message, hint=hint, where=Where(file))
