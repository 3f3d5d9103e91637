"""A study of Optuna, for `stfpm sweep search`.

    python optuna-study.py

A line of JSON on standard input for each question, a line on standard output for each answer. The first line opens the
study: its file, its name, what it is a search of, its space, the seed and the settings to try first. Several processes
may have the same study open, on all machines that see its file.
"""

import json
import sys
from zlib import crc32


def main():
    import optuna
    from optuna.distributions import CategoricalDistribution, FloatDistribution
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend
    from optuna.trial import Trial, TrialState

    optuna.logging.set_verbosity(optuna.logging.ERROR)

    def answer(**values):
        print(json.dumps(values), flush=True)

    options = json.loads(sys.stdin.readline())
    storage = JournalStorage(JournalFileBackend(options["file"]))
    study = optuna.create_study(
        storage=storage,
        study_name=options["name"],
        direction="maximize",
        load_if_exists=True,
        pruner=optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=1),
    )
    if "of" not in study.user_attrs:
        study.set_user_attr("of", options["of"])
    space = {
        name: CategoricalDistribution(each["among"])
        if "among" in each
        else FloatDistribution(each["from"], each["to"], log=each["log"])
        for name, each in options["space"].items()
    }
    answer(optuna=optuna.__version__, of=study.user_attrs["of"])

    def trial_of(number):
        return Trial(study, storage.get_trial_id_from_study_id_trial_number(study._study_id, number))

    for line in sys.stdin:
        question = json.loads(line)
        do, number = question["do"], question.get("number")
        if do == "trials":
            answer(
                trials=[
                    {
                        "number": each.number,
                        "state": each.state.name.lower(),
                        "params": each.params,
                        "value": each.value if each.state == TrialState.COMPLETE else None,
                        "epochs": len(each.intermediate_values),
                        "notes": each.user_attrs,
                    }
                    for each in study.get_trials(deepcopy=False)
                    if each.state != TrialState.WAITING
                ]
            )
        elif do == "ask":
            before = len(study.get_trials(deepcopy=False))
            if before == 0:
                study.enqueue_trial(options["first"])
            # By the trial's number: what is proposed does not depend on which process asks, and two never draw the same.
            study.sampler = optuna.samplers.TPESampler(
                seed=crc32(f"{options['seed']} {before}".encode()),
                n_startup_trials=6,
                constant_liar=True,
            )
            trial = study.ask(space)
            answer(number=trial.number, params=trial.params)
        elif do == "report":
            trial = trial_of(number)
            # The lower the held-out loss the better, where the study wants the highest.
            trial.report(-question["loss"], question["epoch"])
            # Of NumPy, which JSON does not know.
            answer(prune=bool(trial.should_prune()))
        elif do == "tell":
            for name, value in question["notes"].items():
                trial_of(number).set_user_attr(name, value)
            state = TrialState[question["state"].upper()]
            value = question["value"] if state == TrialState.COMPLETE else None
            study.tell(number, value, state=state)
            answer()


main()
