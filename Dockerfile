# Two stages: the first has pip and builds the wheel, the second has only what runs.
FROM python:3.11-slim AS build
WORKDIR /build
RUN python -m venv /opt/calbridge
COPY requirements/runtime.txt requirements/
RUN /opt/calbridge/bin/pip install --no-cache-dir --require-hashes -r requirements/runtime.txt
COPY pyproject.toml README.md alembic.ini ./
COPY migrations migrations
COPY src src
RUN /opt/calbridge/bin/pip install --no-cache-dir --no-deps . \
    && /opt/calbridge/bin/pip uninstall --yes setuptools pip

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home calbridge
COPY --from=build /opt/calbridge /opt/calbridge
ENV PATH=/opt/calbridge/bin:$PATH PYTHONUNBUFFERED=1 CALBRIDGE_LOG_FORMAT=json
WORKDIR /var/empty
USER calbridge
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/ready', timeout=2)"]
CMD ["calbridge", "serve", "--host", "0.0.0.0", "--port", "8000"]
