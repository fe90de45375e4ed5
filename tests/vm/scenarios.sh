#!/bin/bash
# scenarios.sh [FILE.bats...]: all scenarios, or these, on virtual machines, as TAP; where there can be none, one line
# that says so.
here=$(dirname "$0")
export LAB_KIND=vm LAB_NODES="node1 node2"
[ $# -gt 0 ] || set -- "$here"/*.bats
exec "$here/../cluster/scenarios.sh" "$@"
