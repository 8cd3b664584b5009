# python:3.11-slim-bookworm of September 2026 (3.11.16), the index of all its platforms.
FROM python:3.11-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b

# Small matrices and many visitors: one BLAS thread a run. Numba's compiled code goes where the user may write.
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 OPENBLAS_NUM_THREADS=1 NUMBA_CACHE_DIR=/home/lab/.numba

# /shared is for what several copies share: a volume there belongs to whoever runs the lab.
RUN useradd --create-home --uid 10001 lab && install -d -o lab /shared
WORKDIR /srv/collapse-lab

# Dependencies first: a change of ours does not install them again.
COPY requirements.txt pyproject.toml ./
RUN grep -v '^-e' requirements.txt > pinned.txt && pip install -r pinned.txt

# All of it belongs to root, and whoever runs it may only read it.
COPY . .
RUN pip install --no-deps -e . && python -m compileall -q app ulpm_core && chmod -R a+rX .

USER 10001
# Compiled now, for the processor that builds. On another kind of processor Numba does not use it, and compiles at the
# start, beside the page, as it does without an image.
RUN python -c "from app.jobs import runs, warming; runs.warm_up(); warming.compile_all()"

EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://localhost:8501/_stcore/health', timeout=4)"]
CMD ["python", "-m", "streamlit", "run", "app/main.py", "--server.address=0.0.0.0", "--server.port=8501"]
