FROM python:3.11-slim-bookworm

# Small matrices and many visitors: one BLAS thread a run. Numba's compiled code goes where the user may write.
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 OPENBLAS_NUM_THREADS=1 NUMBA_CACHE_DIR=/home/lab/.numba

RUN useradd --create-home --uid 10001 lab
WORKDIR /home/lab/app

# Dependencies first: a change of ours does not install them again.
COPY requirements.txt pyproject.toml ./
RUN grep -v '^-e' requirements.txt > pinned.txt && pip install -r pinned.txt

COPY --chown=lab:lab . .
RUN pip install --no-deps -e .

USER 10001
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://localhost:8501/_stcore/health', timeout=4)"]
CMD ["python", "-m", "streamlit", "run", "app/main.py", "--server.address=0.0.0.0", "--server.port=8501"]
