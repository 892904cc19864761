# syntax=docker/dockerfile:1
FROM node:22-slim AS frontend
WORKDIR /build
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY frontend ./
RUN npm run build

FROM python:3.12-slim AS packages
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /srv/truefilm
COPY requirements.lock ./
RUN uv venv .venv && uv pip sync --require-hashes --python .venv/bin/python requirements.lock

FROM python:3.12-slim
# curl: health checks of the compose file.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends curl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /srv/truefilm truefilm \
    && install -d -o truefilm -g truefilm /var/lib/truefilm
WORKDIR /srv/truefilm
ENV PATH=/srv/truefilm/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    TRUEFILM_DATA_DIR=/var/lib/truefilm
COPY --from=packages /srv/truefilm/.venv .venv
COPY LICENSE manage.py ./
COPY apps apps
COPY workers workers
COPY --from=frontend /build/dist frontend/dist
# The key is for this one command, which signs nothing.
RUN TRUEFILM_SECRET_KEY=build-only python manage.py collectstatic --noinput --verbosity=0 \
    && chown -R truefilm:truefilm /var/lib/truefilm
USER truefilm
VOLUME /var/lib/truefilm
EXPOSE 8000
CMD ["uvicorn", "apps.config.asgi:application", "--host", "0.0.0.0", "--port", "8000", \
     "--no-access-log", "--no-server-header", "--lifespan", "off", \
     "--ws-ping-interval", "20", "--ws-ping-timeout", "20", "--timeout-graceful-shutdown", "30"]
