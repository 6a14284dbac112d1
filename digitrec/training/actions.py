"""What the commands do: each turns its options into calls of the lab's modules."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace

from digitrec.console import Console, quiet_libraries
from digitrec.errors import ModelError, UsageError
from digitrec.training.commands import MODELS, QUICK, STRINGS, run_of
from digitrec.training.parsing import ROOT
from digitrec.training.runs import Given


def import_keras() -> None:
    """Import TensorFlow without its greetings on standard error."""
    with quiet_libraries():
        import keras  # noqa: F401


def run_train(options: argparse.Namespace, console: Console) -> None:
    """``train``."""
    _check_options(options)
    run_of(options).check(options.resume, options.force)
    import_keras()
    if options.architecture in {"shipped", QUICK}:
        _train_shipped(options, console)
        return
    if options.architecture == STRINGS:
        _train_strings(options, console)
        return
    from digitrec.training.plain import PlainRun, train_plain

    name, out = options.architecture, run_of(options).folder
    run = PlainRun(name, out, options.data_dir, options.epochs, options.pictures, options.seed, options.resume)
    train_plain(run, console, _beginning(options))


def _beginning(options: argparse.Namespace, given: Given | None = None) -> Callable[[], None]:
    """What a trainer calls when all that it needs was opened."""
    return lambda: run_of(options).begin(options.resume, given)


def _check_options(options: argparse.Namespace) -> None:
    """Refuse what the architecture has no use for: left unheeded, it would look as if it had been heeded."""
    name = options.architecture
    if options.teacher and (options.start is None or name != "shipped"):
        raise UsageError("--teacher is for shipped with --start. For the quick network --start is the teacher.")
    if options.pictures is not None and name in {"shipped", QUICK}:
        raise UsageError("--pictures is for classic, lenet5, svc and strings: the shipped networks learn from all.")
    if options.start is not None and name not in {"shipped", QUICK, STRINGS}:
        raise UsageError(f"--start is for shipped, quick and strings: {name} begins from nothing.")
    if options.scenes is not None and name not in {"shipped", QUICK, STRINGS}:
        raise UsageError(f"--scenes is for shipped, quick and strings: {name} learns from MNIST alone.")
    if options.epochs is not None and name == "svc":
        raise UsageError("--epochs is for networks: svc is not trained in passes.")


def _train_shipped(options: argparse.Namespace, console: Console) -> None:
    from digitrec.training import release
    from digitrec.training.quick import QUICK_RECIPE

    start, out, teachers = options.start, run_of(options).folder, tuple(options.teacher)
    if options.architecture == QUICK:
        recipe, start, act = QUICK_RECIPE, start or MODELS / "digits.keras", release.train_quick
    else:
        recipe, act = release.FROM_NOTHING if start is None else release.FROM_START, release.train_release
        recipe = release.FROM_TEACHERS if teachers else recipe
    scenes = release.SCENES if options.scenes is None else options.scenes
    recipe = replace(recipe, epochs=options.epochs or recipe.epochs, seed=options.seed)
    quick_epochs = min(QUICK_RECIPE.epochs, options.epochs or QUICK_RECIPE.epochs)
    job = release.Release(
        options.data_dir, out, recipe, start, options.resume, scenes, console.say, teachers, quick_epochs
    )
    console.say(f"wrote {act(job, _beginning(options, Given(start, teachers, scenes)))}")


def _train_strings(options: argparse.Namespace, console: Console) -> None:
    from digitrec.training.string_release import SCENES, StringRelease, release_strings
    from digitrec.training.train_strings import FROM_NOTHING, FROM_START

    recipe = FROM_NOTHING if options.start is None else FROM_START
    epochs, made = options.epochs or recipe.epochs, options.pictures or recipe.made
    recipe = replace(recipe, epochs=epochs, made=made, seed=options.seed)
    out, start = run_of(options).folder, options.start
    scenes = SCENES if options.scenes is None else options.scenes
    job = StringRelease(options.data_dir, out, recipe, start, options.resume, scenes, console.say)
    console.say(f"wrote {release_strings(job, _beginning(options, Given(start, (), scenes)))}")


def run_compare(options: argparse.Namespace, console: Console) -> None:
    """``compare``."""
    from digitrec.training.compare import Comparison, compare

    import_keras()
    names = tuple(options.only.split(","))
    models = tuple(options.model)
    job = Comparison(names, models, options.runs, options.data_dir, options.epochs, options.seed, options.quick)
    compare(job, options.out, options.force, console)


def run_evaluate(options: argparse.Namespace, console: Console) -> None:
    """``evaluate``."""
    from digitrec.training.evaluate import Evaluation, evaluate

    job = Evaluation(options.model, options.data_dir, options.pictures, options.seed)
    evaluate(job, options.out, options.force, console)


def run_plots(options: argparse.Namespace, console: Console) -> None:
    """``plots``."""
    import_keras()
    from digitrec.training.plots import Plotting, plot_all

    job = Plotting(options.model, tuple(options.log), options.data_dir, ROOT / "samples", options.seed)
    plot_all(job, options.out, console)


def run_finetune(options: argparse.Namespace, console: Console) -> None:
    """``finetune``."""
    import_keras()
    from digitrec.training.finetune import FineTuning, finetune

    job = FineTuning(options.extra, options.model, options.out, options.data_dir, options.steps, options.seed)
    finetune(job, options.force, console)


def run_export(options: argparse.Namespace, console: Console) -> None:
    """``export``."""
    import_keras()
    from digitrec.training.modelfiles import load_keras, note_sums
    from digitrec.training.publish import check_crops, check_free, largest_difference, tell_removed, write_tflite
    from digitrec.training.runs import check_folder

    path = options.out or options.model.with_suffix(".tflite")
    if path.suffix.lower() != ".tflite":
        raise UsageError(f"--out {path} must end in .tflite")
    model = load_keras(options.model)
    check_free(path, options.force)
    check_folder(path.parent)
    write_tflite(model, path)
    tell_removed(path, note_sums(path.parent, [path.name]), console.say)
    difference = largest_difference(model, path, check_crops(options.data_dir, options.seed))
    console.say(f"{path}: agrees with {options.model} to {difference:.0e}")


def run_verify(options: argparse.Namespace, console: Console) -> None:
    """``verify``."""
    import_keras()
    from digitrec.modelfile import read_sums
    from digitrec.training.modelfiles import load_keras, sum_of
    from digitrec.training.publish import check_crops, largest_difference

    path = options.tflite or options.model.with_suffix(".tflite")
    for file in (options.model, path):
        known = read_sums(file.parent).get(file.name)
        if not file.is_file():
            raise ModelError(f"model {file} is not there. Train one: python -m digitrec.training train")
        if known is not None and known != sum_of(file):
            raise ModelError(f"{file} is damaged: its SHA-256 differs from SHA256SUMS. Fetch or train it again.")
        console.data(f"{file}: SHA-256 {'as in SHA256SUMS' if known else 'not listed in SHA256SUMS'}\n")
    crops = check_crops(options.data_dir, options.seed)
    difference = largest_difference(load_keras(options.model), path, crops)
    console.data(f"largest difference of a probability on {len(crops)} crops: {difference:.1e}\n")


def run_quantise(options: argparse.Namespace, console: Console) -> None:
    """``quantise``."""
    import_keras()
    from digitrec.modelfile import checked_bytes, read_sums
    from digitrec.training.modelfiles import load_model, note_sums
    from digitrec.training.publish import tell_removed
    from digitrec.training.quantise import write_eight_bit

    for file in options.model:
        model, path = load_model(file), file.with_suffix(".tflite")
        checked_bytes(path)
        if path.name not in read_sums(path.parent):
            # Or nothing would say what the 8-bit form belongs to.
            tell_removed(path, note_sums(path.parent, [path.name]), console.say)
        console.say(write_eight_bit(model, path, options.seed))


def run_sample(options: argparse.Namespace, console: Console) -> None:
    """``sample``."""
    from digitrec.training.sample import main as make_samples

    make_samples(options.data_dir, options.out, options.seed)
    console.say(f"wrote {options.out}")
