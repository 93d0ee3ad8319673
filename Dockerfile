# Astro Runtime 3.3-8 is Airflow 3.3.2, the release in requirements.lock. For the official image: docs/deploy.md.
FROM astrocrpublic.azurecr.io/runtime:3.3-8-python-3.12
