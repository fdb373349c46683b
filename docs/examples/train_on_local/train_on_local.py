"""The steps of train_on_local.ipynb, which is made from this script, cell by cell; see docs/scripts.md."""

# ruff: noqa: B018 - the last line of a cell is shown

# %% [markdown]
# # Train on this machine
#
# `train.py` trains ridge regressions on scikit-learn's diabetes data, one for each alpha, and logs alpha and
# error of each into one run. Here it is submitted: a copy of this directory is made, the script runs in the
# copy as a process of its own, and what it prints, logs and writes to `./outputs` is kept with the run. First
# in the interpreter that runs this, then in an environment that is built for it.
#
# The imports are those of the Azure ML SDK v1 with `runstore.` in front. Nothing leaves this machine: the
# workspace is a directory.

# %%
from pathlib import Path

import numpy as np

import runstore.azureml.core
from runstore.azureml.core import Environment, Experiment, ScriptRunConfig, Workspace
from runstore.azureml.core.conda_dependencies import CondaDependencies

print("version", runstore.azureml.core.VERSION)

# %% [markdown]
# ## Workspace and experiment
#
# Without a `config.json` the workspace is the nearest `.runstore`, or a new one here.

# %%
ws = Workspace.from_config()
experiment = Experiment(workspace=ws, name="train-on-local")
experiment

# %% [markdown]
# ## The script
#
# It asks for the run it is part of with `Run.get_context()`, and imports `mylib.py`, which lies beside it.

# %%
print(Path("train.py").read_text(encoding="utf-8"))

# %% [markdown]
# ## In an environment that you look after
#
# A user-managed environment is an interpreter as it is: the one that runs this, unless
# `python.interpreter_path` names another.

# %%
user_managed_env = Environment("user-managed-env")
user_managed_env.python.user_managed_dependencies = True

src = ScriptRunConfig(source_directory="./", script="train.py", environment=user_managed_env)
run = experiment.submit(src)
run

# %% [markdown]
# `submit` has returned while the script runs. Waiting shows what it prints; interrupting the waiting doesn't
# interrupt the run.

# %%
run.wait_for_completion(show_output=True)

# %% [markdown]
# ## What came of it
#
# Values come back in the order in which they were logged: the alpha with the least error is where the least
# error stands.

# %%
metrics = run.get_metrics()
best = int(np.argmin(metrics["mse"]))
best_alpha = metrics["alpha"][best]
print(f"the best alpha is {best_alpha:.2f}: mse {metrics['mse'][best]:.2f}")

# %%
print(run.get_file_names())

# %% [markdown]
# The model of that alpha becomes a registered model: the file stays where it is, the next one is version 2.

# %%
model = run.register_model(model_name="best_ridge_model", model_path=f"./outputs/ridge_{best_alpha:.2f}.pkl")
print(model.name, "version", model.version, model.url)

# %% [markdown]
# ## In an environment that is built
#
# A system-managed environment is a virtual environment of its own, built from the packages that are named,
# kept, and used again by the next run that asks for the same. Names of conda are taken from pip where pip
# knows them.

# %%
system_managed_env = Environment("system-managed-env")
system_managed_env.python.user_managed_dependencies = False
system_managed_env.python.conda_dependencies = CondaDependencies.create(conda_packages=["scikit-learn"])

src.run_config.environment = system_managed_env
again = experiment.submit(src, show_output=True)

# %% [markdown]
# The same script on the same data in another environment: the same numbers.

# %%
difference = np.max(np.abs(np.array(again.get_metrics()["mse"]) - np.array(metrics["mse"])))
print(f"the two runs differ by {difference:.6f}")

# %% [markdown]
# Both runs and their environments can be looked at with `runstore runs`, `runstore show` and `runstore diff`,
# or asked for in SQL:

# %%
ws.sql("select run_id, status, points, last.mse from runs order by started").fetchall()
