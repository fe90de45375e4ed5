# What the scenarios on DRBD share.  Each sets $minor, the one that it is about.

# For a link of 1 Gb/s, as a network card of a virtual machine does not tell its speed: 122070 KiB/s, 20 KiB/s for a buffer.
policy="drbd:
  link: 1G
  net/max-buffers: auto
  net/max-epoch-size: auto
  disk/c-max-rate: auto
  disk/c-min-rate: auto
  disk/c-fill-target: auto
  disk/al-extents: 3389"
wanted="al-extents=3389 c-max-rate=122070 c-min-rate=24414 max-buffers=6104 max-epoch-size=6104"
# What Ganeti leaves a new device with.
ganetis="al-extents=1237 c-max-rate=102400 c-min-rate=250 max-buffers=2048 max-epoch-size=2048"

# options NODE MINOR: what DRBD itself shows of what the policy speaks of, on one line.
options() {
	on "$1" drbdsetup show "$2" --show-defaults |
		sed -nE 's/^\s+(max-buffers|max-epoch-size|al-extents|c-max-rate|c-min-rate)\s+([0-9]+)k?;.*/\1=\2/p' |
		sort | xargs
}

# have OPTIONS NODE...: the device there.
have() {
	local node
	for node in "${@:2}"; do
		[ "$(options "$node" "$minor")" = "$1" ] || { echo "$node: $(options "$node" "$minor")"; return 1; }
	done
}
