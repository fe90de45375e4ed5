#!/bin/sh
# smoke.sh: of the scenarios on virtual machines those that need no cluster.
here=$(dirname "$0")
exec "$here/scenarios.sh" "$here/pair.bats" "$here/stacks.bats" "$here/links.bats"
