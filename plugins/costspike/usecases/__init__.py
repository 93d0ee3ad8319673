"""One public function a task: fetch, decide, store."""
