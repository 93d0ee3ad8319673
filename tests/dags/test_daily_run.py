import time
import pytest
from tests.dags.airflow_process import AirflowProcess
from tests.dags.outside_world import *
pytestmark = pytest.mark.enable_socket

def test_x(airflow, outside):
    outside.plant(yesterday())
    for n in range(3):
        t=time.time()
        run = airflow.run(outside.env, yesterday())
        print(time.time()-t, run.state, run.tasks, run.xcoms)
        print(outside.texts, outside.claude.billed, outside.explorer.billed_pages)
        if n==0: print(run.log)
