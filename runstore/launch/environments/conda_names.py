"""What conda calls otherwise than pip, and what only conda has. Everything else is looked for under its own name."""

from __future__ import annotations

import re

PIP_NAMES = {
    "brotli-python": "brotli",
    "dask-core": "dask",
    "datasets-core": "datasets",
    "faiss": "faiss-cpu",
    "fastparquet-core": "fastparquet",
    "keras-base": "keras",
    "keras-gpu": "keras",
    "lz4-python": "lz4",
    "matplotlib-base": "matplotlib",
    "msgpack-python": "msgpack",
    "numpy-base": "numpy",
    "opencv": "opencv-python",
    "py-lz4framed": "lz4framed",
    "py-opencv": "opencv-python",
    "py-xgboost": "xgboost",
    "py-xgboost-cpu": "xgboost",
    "py-xgboost-gpu": "xgboost",
    "pyarrow-core": "pyarrow",
    "pyqt": "pyqt5",
    "pytables": "tables",
    "python-clang": "clang",
    "python-flatbuffers": "flatbuffers",
    "python-graphviz": "graphviz",
    "python-kaleido": "kaleido",
    "python-lmdb": "lmdb",
    "python-xxhash": "xxhash",
    "pytorch": "torch",
    "pytorch-cpu": "torch",
    "pytorch-gpu": "torch",
    "ray-core": "ray",
    "ray-default": "ray",
    "ruamel_yaml": "ruamel.yaml",
    "seaborn-base": "seaborn",
    "tensorflow-base": "tensorflow",
    "tensorflow-cpu": "tensorflow",
    "tensorflow-eigen": "tensorflow",
    "tensorflow-gpu": "tensorflow",
    "tensorflow-mkl": "tensorflow",
    "torchvision-cpu": "torchvision",
}

_ONLY_CONDA = re.compile(
    r"anaconda|blas|boost-cpp|bzip2|ca-certificates|clang|clangxx|conda|conda-build|cpuonly|cuda|cuda-.*|cudatoolkit.*|"
    r"cudnn|cutensor|eigen|ffmpeg|fftw|g\+\+|gcc.*|gfortran.*|git|git-lfs|glib|gmp|gnuplot|go|graphviz|gxx.*|hdf5|icu|"
    r"imagemagick|intel-openmp|java-jdk|jpeg|krb5|lame|ld_impl_.*|libblas|libcblas|libcu.*|libcurl|libffi|libgcc.*|"
    r"libgfortran.*|libgomp|libjpeg-turbo|liblapack|libllvm.*|libnpp|libnvjpeg|libopenblas|libpng|libprotobuf|"
    r"libstdcxx.*|libtiff|libuv|libwebp|libxml2|libxslt|llvm|llvm-openmp|llvmdev|magma-cuda.*|make|mesa.*|mkl|"
    r"mkl-include|mpi|mpich|msmpi|nccl|ncurses|nodejs|nomkl|nvcc.*|openblas|opencl.*|openjdk|openmpi|openssl|pandoc|"
    r"perl|pkg-config|poppler|proj|pytorch-cuda|pytorch-mutex|r|r-.*|readline|ruby|rust|sqlite|sysroot_.*|tesseract|"
    r"tk|ucx|unixodbc|vc|vs20.*|xz|zlib|zstd|_libgcc_mutex|_openmp_mutex"
)


def only_conda(name: str) -> bool:
    """Whether a conda package is known to be no Python package, or another one than pip's of the same name."""
    return _ONLY_CONDA.fullmatch(name) is not None
