"""Ridge regressions on scikit-learn's diabetes data: one for each alpha, all of them in one run."""

import os
import pickle

import mylib
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import train_test_split

from runstore.azureml.core import Run

run = Run.get_context()  # the submitted run; where nobody submitted this script, one that only prints
inputs, targets = load_diabetes(return_X_y=True)
train_x, test_x, train_y, test_y = train_test_split(inputs, targets, test_size=0.2, random_state=0)
os.makedirs("outputs", exist_ok=True)

for alpha in mylib.alphas():
    model = Ridge(alpha=alpha).fit(train_x, train_y)
    mse = mean_squared_error(test_y, model.predict(test_x))
    run.log("alpha", alpha)
    run.log("mse", mse)
    with open(f"outputs/ridge_{alpha:.2f}.pkl", "wb") as file:  # everything in ./outputs is kept with the run
        pickle.dump(model, file)
    print(f"alpha is {alpha:.2f}, and mse is {mse:.2f}")
