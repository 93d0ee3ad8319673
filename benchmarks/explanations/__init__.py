"""How well spikes with known causes are explained: cases, scores, and a run against a model."""
