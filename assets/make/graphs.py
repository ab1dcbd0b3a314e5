"""Write the graphs of the shipped scorer's architecture: `python graphs.py`, when nets.py changed.

Scorers of that architecture run by them without torch.
"""

from selfie_core.base import store
from selfie_core.learned.layers import layered_graph
from selfie_core.scorer.checkpoint import read_config
from selfie_core.scorer.export import graph_file, maps_graph, whole_graph

FORMS = {"net": whole_graph, "maps": maps_graph, "layers": layered_graph}


def main() -> None:
    """Write each form beside the scorer."""
    config = read_config(store.demo_scorer())
    for part, make in FORMS.items():
        file = store.net_graphs() / graph_file(config, part).name
        store.write_bytes(file, make(config).SerializeToString())


if __name__ == "__main__":
    main()
